"""Chromium for the browser tests: found, installed where we may, or asked for in clear words."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    named = os.environ.get("TRADEWIND_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, PROGRAMS)), None)


def ensure() -> None:
    """Install Chromium and a Chinese font with apt-get where that is allowed and something is missing.

    Raises:
        RuntimeError: there is no Chromium and it could not be installed; the message says how to get one.
    """
    missing = [] if find() else ["chromium"]
    if shutil.which("fc-list") is None or not _has_chinese_font():
        missing.append("fonts-noto-cjk")  # the pages are in Chinese too
    if missing and _may_install():
        print(f"Installing {', '.join(missing)} with apt-get …", file=sys.stderr)
        _apt_get("update")
        _apt_get("install", "--yes", "--no-install-recommends", *missing)
    if find() is None:
        raise RuntimeError(
            "The browser tests need Chromium, and it could not be installed from here.\n"
            "Debian, Ubuntu: apt-get install chromium fonts-noto-cjk; macOS: brew install chromium.\n"
            "Or name one: TRADEWIND_TEST_CHROMIUM=/path/to/chromium make test"
        )


def _has_chinese_font() -> bool:
    result = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(result.stdout.strip())


def _may_install() -> bool:
    if shutil.which("apt-get") is None:
        return False
    return os.geteuid() == 0 or (
        shutil.which("sudo") is not None
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    )


def _apt_get(*arguments: str) -> None:
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    subprocess.run(
        [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet", *arguments],
        check=False,
    )
