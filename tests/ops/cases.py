"""Calls of `ops` that Keras answered once: pure data, read by the recording script and by the tests.

A case is (name, arguments, keywords). An argument written `{"array": name}` is one of ARRAYS.
"""

from tests.ops.algebra_cases import PATCHES, PRODUCTS, TRANSFORMS
from tests.ops.case_arrays import ARRAYS
from tests.ops.number_cases import BINARY, UNARY
from tests.ops.reduction_cases import REDUCTIONS
from tests.ops.shape_cases import CREATION, INDEXING, SHAPES
from tests.ops.type_cases import NUMBERS, TYPED_BINARY, TYPED_UNARY, TYPES

__all__ = ["ARRAYS", "CASES", "NUMBERS", "TYPED_BINARY", "TYPED_UNARY", "TYPES"]

CASES = [*UNARY, *BINARY, *REDUCTIONS, *SHAPES, *INDEXING, *CREATION, *PRODUCTS, *TRANSFORMS, *PATCHES]
