// A long stream written byte by byte.
// args: 1 1
#include "transfer.c"
