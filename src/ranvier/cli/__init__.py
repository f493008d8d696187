"""The command line `ranvier`: one file per command. Heavy imports stand inside the commands: help is instant."""
