"""From a fresh clone to a running command: makes ``.venv``, installs the project into it, and becomes that Python.

The standard library alone, and nothing newer than Python 3.6's syntax, so that an old Python gets far enough to look
for a newer one. When all is in place it reads three small files and executes; everything slow to import is imported
where it is needed.

``.venv/installed.txt`` is the stamp. It is written last and holds all that decides what an install gives: the extras,
the place, the Python, pyproject.toml and the lock file of versions; where it differs, pip brings ``.venv`` up to date.
``.venv.lock`` keeps two installs apart: the system lets go of it when its holder, or pip on its behalf, has ended,
however that came about. It holds a word while an install is unfinished, and one that was broken off is made anew.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

OLDEST = (3, 10)
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed.txt")
LOCK = os.path.join(ROOT, ".venv.lock")
PINS = "requirements.lock"
SETUP_FAILED = 2


def run_module(module: str, arguments: "list[str]", extras: "tuple[str, ...]" = ()) -> None:
    """Become ``python -m module arguments`` in ``.venv``, installed with ``extras``; does not return."""
    command = _command(module, arguments, extras)
    if os.name != "nt":
        os.execve(PYTHON, command, _environment())
    # On Windows the caller would not wait for what execve starts.
    sys.exit(_call(command))


def call_module(module: str, arguments: "tuple[str, ...]", extras: "tuple[str, ...]" = ()) -> int:
    """Run ``python -m module arguments`` on the clone, in ``.venv`` installed with ``extras``: its exit status."""
    return _call(_command(module, list(arguments), extras), directory=ROOT)


def is_installed_here() -> bool:
    """Whether the Python that runs this has Sakuin installed, and with it all that it depends on."""
    if sys.version_info < OLDEST:
        return False
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        distribution("sakuin")
    except PackageNotFoundError:
        return False
    return True


def _command(module: str, arguments: "list[str]", extras: "tuple[str, ...]") -> "list[str]":
    _ensure_python()
    _ensure_installed(extras)
    # -I: neither the working directory (a file index.py there) nor PYTHONPATH may stand before the clone's packages.
    # It hides PYTHONUTF8 from Python, so that wish is handed on.
    utf8 = ["-X", "utf8"] if os.environ.get("PYTHONUTF8") == "1" else []
    return [PYTHON, "-I", *utf8, "-m", module, *arguments]


def _environment() -> "dict[str, str]":
    """The caller's environment, without what would lead ``.venv``'s Python and its pip to other folders."""
    astray = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "__PYVENV_LAUNCHER__")
    environment = {name: value for name, value in os.environ.items() if name not in astray}
    # Set, not removed, since pip's configuration files may ask for them too.
    environment.update(PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
    return environment


def _call(command: "list[str]", directory: "str | None" = None) -> int:
    import subprocess

    return subprocess.call(command, cwd=directory, env=_environment())


def _fail(message: str) -> None:
    sys.stderr.write(os.path.basename(sys.argv[0]) + ": " + message + "\n")
    sys.exit(SETUP_FAILED)


def _ensure_python() -> None:
    """Start over with a newer Python where this one is too old."""
    if sys.version_info >= OLDEST:
        return
    import shutil
    import subprocess

    for minor in (13, 12, 11, 10):
        python = shutil.which("python3.%d" % minor)
        # A version manager's shim is on PATH for versions that it will not run.
        if python and subprocess.call([python, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            os.execv(python, [python, *sys.argv])
    _fail(
        "needs Python 3.10 or newer; this is %d.%d (%s), and no python3.10 to python3.13 is on PATH"
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )


def _ensure_installed(extras: "tuple[str, ...]") -> None:
    if _installed(extras):
        return
    try:
        with open(LOCK, "a+", encoding="ascii") as lock:
            _wait_for(lock.fileno())
            if not _installed(extras):
                _install(tuple(sorted({*extras, *_stamped()[0]})), lock)
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; the next run starts the installation again\n")
        sys.exit(130)
    except OSError as error:
        _fail("cannot install into %s: %s; make the folder writable, or clone it elsewhere" % (VENV, error))


def _wait_for(lock: int) -> None:
    """Take the lock of an open file, saying so if that takes waiting."""
    if sys.platform == "win32":
        import msvcrt
        import time

        while True:
            try:
                msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                time.sleep(0.5)
    else:
        import fcntl

        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Another run is installing into %s; waiting for it ...\n" % VENV)
            fcntl.flock(lock, fcntl.LOCK_EX)


def _read(path: str) -> str:
    """A file's text; of one that is not there, nothing."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _place() -> str:
    """What ``.venv`` itself stands on: where the clone is, and the Python it leads to."""
    return ROOT + "\n" + os.path.realpath(PYTHON)


def _wanted() -> str:
    """All that an install is made from but the extras, as the stamp has it."""
    return "\n".join([_place(), _read(os.path.join(ROOT, "pyproject.toml")), _read(os.path.join(ROOT, PINS))])


def _stamped() -> "tuple[list[str], str]":
    """The extras that are installed, and what they and the project were installed from."""
    extras, _, source = _read(STAMP).partition("\n")
    return extras.split(), source


def _installed(extras: "tuple[str, ...]") -> bool:
    stamped_extras, source = _stamped()
    return os.path.exists(PYTHON) and source == _wanted() and set(extras) <= set(stamped_extras)


def _install(extras: "tuple[str, ...]", lock: "TextIO") -> None:
    """Install with the lock held; the lock's file is not empty as long as that is unfinished."""
    lock.seek(0)
    interrupted = lock.read() != ""
    moved = os.path.exists(STAMP) and not _stamped()[1].startswith(_place() + "\n")
    anew = interrupted or moved or not os.path.exists(PYTHON)
    if anew:
        _expect_venv()
    sys.stderr.write("Installing into %s ...\n" % VENV)
    sys.stderr.flush()
    lock.write("unfinished\n")
    lock.flush()
    if anew:
        failure = _run_step([sys.executable, "-I", "-m", "venv", "--clear", VENV], lock)
        if failure:
            _fail("cannot make the virtual environment; its last lines:\n%s" % failure)
    elif os.path.exists(STAMP):
        os.remove(STAMP)
    what = "." + ("[" + ",".join(extras) + "]" if extras else "")
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--constraint", PINS]
    failure = _run_step([PYTHON, "-I", *pip, "--editable", what], lock)
    if failure:
        _fail(
            "pip could not install Sakuin; its last lines:\n%s\n"
            "Is the network there (behind a proxy or a mirror: HTTPS_PROXY, PIP_INDEX_URL)? "
            "The next run starts the installation again." % failure
        )
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(" ".join(extras) + "\n" + _wanted())
    lock.truncate(0)


def _expect_venv() -> None:
    """Fail unless this Python can make environments; Debian has what that takes in a package of its own."""
    try:
        # Only whether they are there matters.
        import venv  # noqa: F401
        from ensurepip import version  # noqa: F401
    except ImportError:
        _fail(
            "%s cannot make a virtual environment; install what it lacks (on Debian and Ubuntu: "
            "apt install python3-venv) and run this again" % sys.executable
        )


def _run_step(command: "list[str]", lock: "TextIO") -> str:
    """Run a step of the installation: nothing, or the last lines it printed if it failed.

    The step inherits the lock: should this process be killed, the next one waits until the step has ended too.
    """
    import subprocess

    inherited = () if os.name == "nt" else (lock.fileno(),)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=inherited,
    )
    output = process.communicate()[0].decode("utf-8", "replace")
    if process.returncode == 0:
        return ""
    lines = [line[:200] for line in output.splitlines() if line.strip()][-15:]
    return "\n".join("  " + line for line in lines or ["(nothing; exit status %d)" % process.returncode])
