"""House rules that no tool knows: imports, sizes, what may appear where."""

import ast
import re

from tests.project.source_tree import (
    ROOT,
    SOURCE,
    code_lines,
    functions,
    imported,
    is_optional,
    local_imports,
    modules,
)

# What wants a reason has it here, and an entry that is no longer needed fails.
LOCAL_IMPORTS: dict[tuple[str, str], str] = {}
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[tuple[str, str], str] = {
    ("compat/old_image_folders.py", "DirectoryIterator.__init__"): "Keras's eighteen arguments take a line each",
    ("compat/old_image_frames.py", "DataFrameIterator.__init__"): "Keras's twenty-two arguments take a line each",
    ("compat/old_image_generator.py", "ImageDataGenerator.__init__"): "Keras's twenty-three arguments take a line each",
    ("models/trainer.py", "Trainer.fit"): "Keras's nineteen arguments take a line each",
}
WIDE_CLASSES: dict[tuple[str, str], str] = {
    ("callbacks/base.py", "Callback"): "Keras's contract: a method per hook",
    ("callbacks/callback_list.py", "CallbackList"): "tells every hook of the contract to every callback",
}
UNPICKLERS: dict[str, str] = {
    "data/datasets/ragged.py": "imdb and reuters exist as pickled NumPy arrays only; scanned before use",
}

FILE_LINES, FUNCTION_LINES, PUBLIC_METHODS = 300, 40, 20
WEB_FRAMEWORKS = {"starlette", "uvicorn", "fastapi", "flask", "aiohttp"}


def test_the_rules_see_the_package() -> None:
    assert "_errors.py" in modules() and len(modules()) > 20


def test_imports_inside_functions_are_for_commands_and_optional_dependencies() -> None:
    found = {
        (path, name): line
        for path, tree in modules().items()
        if not path.startswith("cli/")
        for line, name in local_imports(tree)
        if not is_optional(name)
    }
    assert set(found) == set(LOCAL_IMPORTS), {f"{path}:{line}": name for (path, name), line in found.items()}


def test_nobody_touches_the_inside_of_jax() -> None:
    inside = re.compile(r"\bjax\._src\b|\bjaxlib\._")
    found = [
        f"{path}:{number}"
        for path in modules()
        for number, line in enumerate((SOURCE / path).read_text(encoding="utf-8").splitlines(), 1)
        if inside.search(line)
    ]
    assert not found
    assert not [path for path, names in every_import() for name in names if name.startswith("jax._src")]


def test_only_kernels_know_the_foreign_function_interface() -> None:
    found = [path for path, names in every_import() for name in names if name.startswith(("jax.ffi", "ctypes"))]
    assert not [path for path in found if not path.startswith("kernels/")]


def test_web_frameworks_are_imported_in_app_modules_only() -> None:
    found = [path for path, names in every_import() for name in names if name.partition(".")[0] in WEB_FRAMEWORKS]
    assert not [path for path in found if not path.endswith("/app.py")]


def test_nothing_unpickles_or_evaluates() -> None:
    loaders = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
    found = {path for path, names in every_import() for name in names if name.partition(".")[0] in loaders}
    assert found == set(UNPICKLERS)
    calls = [
        f"{path}:{node.lineno} {node.func.id}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}
    ]
    assert not calls


def test_files_stay_short() -> None:
    lengths = {path: len((SOURCE / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: n for path, n in lengths.items() if n > FILE_LINES}.keys() == LONG_FILES.keys()


def test_functions_stay_short() -> None:
    lengths = {
        (path, name): code_lines(function) for path, tree in modules().items() for name, function in functions(tree)
    }
    assert {at: n for at, n in lengths.items() if n > FUNCTION_LINES}.keys() == LONG_FUNCTIONS.keys()


def test_classes_stay_narrow() -> None:
    widths = {
        (path, node.name): sum(
            isinstance(item, ast.FunctionDef) and not item.name.startswith("_") for item in node.body
        )
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    assert {at: n for at, n in widths.items() if n > PUBLIC_METHODS}.keys() == WIDE_CLASSES.keys()


def test_nothing_is_left_for_later_or_tied_to_a_machine() -> None:
    unwanted = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|/(home|root|Users|work)/\w")
    files = [path for folder in ("src", "scripts") for path in (ROOT / folder).rglob("*") if path.is_file()]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        if path.suffix not in {".pyc", ".so"}
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if unwanted.search(line)
    ]
    assert not found


def every_import() -> list[tuple[str, list[str]]]:
    """Path and imported names of every import statement."""
    return [(path, imported(node)) for path, tree in modules().items() for node in ast.walk(tree) if imported(node)]
