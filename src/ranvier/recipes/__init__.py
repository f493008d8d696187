"""The main job in parts: from data to a plan, a network, its training, scores beside baselines, a run folder."""
