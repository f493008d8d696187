"""What the figures were measured on, without a name that would tell whose machine it is."""

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system, and how busy it was before the run began."""
    return {
        "cpu": cpu_model(),
        "cores": cores(),
        "memory_gib": memory_gib(),
        "virtual": "hypervisor" in cpu_info("flags").split(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def commit(folder: Path) -> str | None:
    """What was measured: the checkout's commit, `-dirty` where files differ from it; None outside of a checkout."""
    asked = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        found = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()


def cpu_info(key: str) -> str:
    """First value of `key` in Linux's table of processors, empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.split(":")[0].strip() == key), "")


def cpu_model() -> str:
    """Marketing name of the processor where the system says it, else its architecture."""
    return cpu_info("model name") or platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_gib() -> float | None:
    """Physical memory [GiB]."""
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError, AttributeError):
        return None


def busy_seconds() -> float | None:
    """Processor time that all programs together, and the host's other guests, have taken since the system started."""
    try:
        user, nice, system, _, _, irq, softirq, steal = Path("/proc/stat").read_text(encoding="ascii").split()[1:9]
    except (OSError, ValueError):
        return None
    return sum(map(int, (user, nice, system, irq, softirq, steal))) / os.sysconf("SC_CLK_TCK")


def slug() -> str:
    """The machine as part of a file name: processor and core count."""
    words = re.sub(r"\((r|tm|c)\)|\bcpu\b|@.*", " ", cpu_model().lower())
    return "-".join([*re.findall(r"[a-z0-9]+", words), f"{cores()}-cores"])
