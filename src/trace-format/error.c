/* error.c - messages for the error numbers of this library. */
#include "trace-format/trace.h"

#include <string.h>

const char *tf_strerror(int err)
{
    switch (err) {
    case 0:
        return "no error";
    case TF_E_NOT_A_TRACE:
        return "not an rr-like trace";
    case TF_E_VERSION:
        return "trace was written in another version of the trace format";
    case TF_E_CORRUPT:
        return "trace is damaged: checksum, structure or order of its frames is wrong";
    case TF_E_TRUNCATED:
        return "trace is cut off before the end of its header";
    case TF_E_NOT_FOUND:
        return "no such item in the trace";
    case TF_E_TOO_BIG:
        return "item is larger than the trace format allows";
    case TF_E_LIMIT:
        return "size limit of the trace reached";
    default:
        return err < 0 && err > -10000 ? strerror(-err) : "unknown trace error";
    }
}
