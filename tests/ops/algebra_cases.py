"""Calls of products, linear algebra, transforms and patches: pure data."""

from typing import Any

from tests.ops.case_arrays import COLUMN, CUBE, PICTURES, ROW, SIGNAL, SQUARE, A, B, of

PRODUCTS: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("matmul", [A, {"array": "b_transposed"}], {}),
    ("matmul", [CUBE, ROW], {}),
    ("matmul", [of("small"), {"array": "small_column"}], {}),
    ("dot", [CUBE, ROW], {}),
    ("inner", [A, B], {}),
    ("vdot", [A, B], {}),
    ("outer", [ROW, COLUMN], {}),
    ("kron", [SQUARE, {"array": "square_part"}], {}),
    ("tensordot", [CUBE, A], {"axes": 2}),
    ("tensordot", [CUBE, A], {"axes": ([1, 2], [0, 1])}),
    ("einsum", ["bij,kj->bik", CUBE, A], {}),
    ("cross", [SQUARE, [1.0, 2.0, 3.0]], {}),
    ("norm", [A], {}),
    ("norm", [A], {"axis": 1, "keepdims": True}),
    ("norm", [A], {"ord": 1, "axis": 0}),
    ("inv", [SQUARE], {}),
    ("det", [SQUARE], {}),
    ("slogdet", [SQUARE], {}),
    ("solve", [SQUARE, {"array": "right"}], {}),
    ("solve_triangular", [SQUARE, {"array": "right"}], {"lower": True}),
    ("cholesky", [of("spd")], {}),
    ("pinv", [A], {}),
    ("eigh", [of("spd")], {}),
    ("qr", [A], {}),
    ("svd", [SQUARE], {}),
    ("svd", [A], {"compute_uv": False}),
    ("lstsq", [{"array": "b_transposed"}, ROW], {}),
    ("logdet", [of("spd")], {}),
    ("eig", [SQUARE], {}),
    ("lu_factor", [SQUARE], {}),
    ("lu_factor", [of("points")], {}),
    ("cholesky_inverse", [of("spd")], {}),
    ("cholesky_inverse", [of("spd")], {"upper": True}),
    ("matrix_rank", [of("square_part")], {}),
    ("matrix_rank", [SQUARE], {"tol": 3.0}),
    ("cdist", [A, B], {}),
    ("cdist", [of("points"), A], {}),
]

_SPECTRUM = [of("spectrum"), of("spectrum")]
TRANSFORMS: list[tuple[str, list[Any], dict[str, Any]]] = [
    *((name, [[A, B]], {}) for name in ("fft", "fft2", "ifft2", "irfft")),
    ("rfft", [A], {}),
    *((name, [x], {"fft_length": n}) for name, x in (("rfft", A), ("irfft", [A, B])) for n in (3, 9)),
    ("stft", [SIGNAL, 6, 2, 8], {}),
    ("stft", [SIGNAL, 5, 3, 9], {"window": "hamming", "center": False}),
    ("stft", [SIGNAL, 8, 4, 8], {"window": None}),
    ("stft", [SIGNAL, 4, 2, 4], {"window": [0.5, 1.0, 2.0, 1.0]}),
    ("istft", [_SPECTRUM, 6, 2, 8], {}),
    ("istft", [_SPECTRUM, 8, 4, 8], {"length": 11, "window": "hamming"}),
    ("istft", [_SPECTRUM, 8, 3, 8], {"window": None, "center": False}),
    ("view_as_real", [of("complex")], {}),
    ("view_as_complex", [of("index_pairs")], {}),
]

_PATCHES = {"kernel_size": (2, 3), "dilation": (1, 2), "padding": (1, 0), "stride": (2, 1)}
PATCHES: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("depth_to_space", [PICTURES, 2], {}),
    ("depth_to_space", [PICTURES, 2], {"data_format": "channels_first"}),
    ("space_to_depth", [PICTURES, 2], {}),
    ("space_to_depth", [PICTURES, 2], {"data_format": "channels_first"}),
    ("unfold", [PICTURES, 2], {}),
    ("unfold", [PICTURES], _PATCHES | {"kernel_size": (2, 2)}),
    ("fold", [of("blocks"), (3, 4), 2], {}),
    ("fold", [of("blocks"), (4, 6)], _PATCHES),
    ("psnr", [A, B, 2.0], {}),
    ("ctc_loss", [of("labels"), of("logits"), [4, 2, 0], [7, 6, 5]], {}),
    ("ctc_loss", [of("labels"), of("logits"), [3, 3, 2], [7, 7, 2]], {"mask_index": 4}),
]
