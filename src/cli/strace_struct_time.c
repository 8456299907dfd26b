/*
 * strace_struct_time.c - structures of clocks and timers.
 */
#include "strace_print.h"

#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

static const struct field timespec_fields[] = {
    FIELD("tv_sec", 0, 8, FF_INT),
    FIELD("tv_nsec", 8, 8, FF_INT),
};
const struct struct_print layout_timespec = STRUCT_FIELDS(timespec_fields);

static const struct field timeval_fields[] = {
    FIELD("tv_sec", 0, 8, FF_INT),
    FIELD("tv_usec", 8, 8, FF_INT),
};
const struct struct_print layout_timeval = STRUCT_FIELDS(timeval_fields);

static const struct field timezone_fields[] = {
    FIELD("tz_minuteswest", 0, 4, FF_INT),
    FIELD("tz_dsttime", 4, 4, FF_INT),
};
const struct struct_print layout_timezone = STRUCT_FIELDS(timezone_fields);

static const struct field itimerval_fields[] = {
    FIELD_OF("it_interval", 0, 16, FF_STRUCT, ST_timeval),
    FIELD_OF("it_value", 16, 16, FF_STRUCT, ST_timeval),
};
const struct struct_print layout_itimerval = STRUCT_FIELDS(itimerval_fields);

static const struct field itimerspec_fields[] = {
    FIELD_OF("it_interval", 0, 16, FF_STRUCT, ST_timespec),
    FIELD_OF("it_value", 16, 16, FF_STRUCT, ST_timespec),
};
const struct struct_print layout_itimerspec = STRUCT_FIELDS(itimerspec_fields);

/* The kernel tells processor time to programs in hundredths of a second. */
void print_ticks(struct printer *p, int64_t ticks)
{
    text_printf(p->out, "%lld", (long long)ticks);
    if (ticks > 0)
        text_printf(p->out, " /* %lld.%02lld s */", (long long)ticks / 100, (long long)ticks % 100);
}

static void field_ticks(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_ticks(p, mem_int(mem, f->off, f->size));
}

static const struct field tms_fields[] = {
    FIELD_FN("tms_utime", 0, 8, field_ticks),
    FIELD_FN("tms_stime", 8, 8, field_ticks),
    FIELD_FN("tms_cutime", 16, 8, field_ticks),
    FIELD_FN("tms_cstime", 24, 8, field_ticks),
};
const struct struct_print layout_tms = STRUCT_FIELDS(tms_fields);

bool format_date(int64_t seconds, char *date, size_t cap)
{
    time_t t = (time_t)seconds;
    struct tm tm;
    return seconds >= 0 && gmtime_r(&t, &tm) != NULL && strftime(date, cap, "%FT%T", &tm) != 0;
}

/* In UTC, so that a trace prints alike everywhere. */
void print_date(struct printer *p, int64_t seconds, int64_t fraction, int digits)
{
    char date[64];
    if (!format_date(seconds, date, sizeof(date)))
        return;
    text_printf(p->out, " /* %s", date);
    if (fraction != 0)
        text_printf(p->out, ".%0*lld", digits, (long long)fraction);
    text_str(p->out, "+0000 */");
}

static void field_date(struct printer *p, const struct mem *mem, const struct field *f)
{
    int64_t seconds = mem_int(mem, f->off, f->size);
    text_printf(p->out, "%lld", (long long)seconds);
    print_date(p, seconds, 0, 0);
}

static const struct field utimbuf_fields[] = {
    FIELD_FN("actime", 0, 8, field_date),
    FIELD_FN("modtime", 8, 8, field_date),
};
const struct struct_print layout_utimbuf = STRUCT_FIELDS(utimbuf_fields);

static void print_timeval2(struct printer *p, const struct mem *mem)
{
    for (size_t i = 0; i < 2; i++) {
        struct mem one = mem_sub(mem, i * 16, 16);
        text_str(p->out, i > 0 ? ", " : "[");
        print_struct_mem(p, ST_timeval, &one);
        print_date(p, mem_int(&one, 0, 8), mem_int(&one, 8, 8), 6);
    }
    text_char(p->out, ']');
}
const struct struct_print layout_timeval2 = STRUCT_FN(print_timeval2);

static void print_utime(struct printer *p, const struct mem *mem)
{
    int64_t nsec = mem_int(mem, 8, 8);
    if (nsec == UTIME_NOW || nsec == UTIME_OMIT) {
        text_str(p->out, nsec == UTIME_NOW ? "UTIME_NOW" : "UTIME_OMIT");
        return;
    }
    print_struct_mem(p, ST_timespec, mem);
    print_date(p, mem_int(mem, 0, 8), nsec, 9);
}

static void print_timespec2(struct printer *p, const struct mem *mem)
{
    for (size_t i = 0; i < 2; i++) {
        struct mem one = mem_sub(mem, i * 16, 16);
        text_str(p->out, i > 0 ? ", " : "[");
        print_utime(p, &one);
    }
    text_char(p->out, ']');
}
const struct struct_print layout_timespec2 = STRUCT_FN(print_timespec2);

static const struct name status_list[] = {
    NAME_AS("STA_PLL", 1),         NAME_AS("STA_PPSFREQ", 2),      NAME_AS("STA_PPSTIME", 4),
    NAME_AS("STA_FLL", 8),         NAME_AS("STA_INS", 0x10),       NAME_AS("STA_DEL", 0x20),
    NAME_AS("STA_UNSYNC", 0x40),   NAME_AS("STA_FREQHOLD", 0x80),  NAME_AS("STA_PPSSIGNAL", 0x100),
    NAME_AS("STA_PPSJITTER", 512), NAME_AS("STA_PPSWANDER", 1024), NAME_AS("STA_PPSERROR", 2048),
    NAME_AS("STA_CLOCKERR", 4096), NAME_AS("STA_NANO", 8192),      NAME_AS("STA_MODE", 16384),
    NAME_AS("STA_CLK", 32768),
};
static const struct name_set clock_status = NAME_SET(status_list, "STA_???");

static void field_status(struct printer *p, const struct mem *mem, const struct field *f)
{
    print_flags(p, &clock_status, mem_uint(mem, f->off, f->size));
}

static const struct field timex_fields[] = {
    FIELD_OF("modes", 0, 4, FF_FLAGS, FS_timex),
    FIELD("offset", 8, 8, FF_INT),
    FIELD("freq", 16, 8, FF_INT),
    FIELD("maxerror", 24, 8, FF_INT),
    FIELD("esterror", 32, 8, FF_UINT),
    FIELD_FN("status", 40, 4, field_status),
    FIELD("constant", 48, 8, FF_INT),
    FIELD("precision", 56, 8, FF_UINT),
    FIELD("tolerance", 64, 8, FF_INT),
    FIELD_OF("time", 72, 16, FF_STRUCT, ST_timeval),
    FIELD("tick", 88, 8, FF_INT),
    FIELD("ppsfreq", 96, 8, FF_INT),
    FIELD("jitter", 104, 8, FF_INT),
    FIELD("shift", 112, 4, FF_INT),
    FIELD("stabil", 120, 8, FF_INT),
    FIELD("jitcnt", 128, 8, FF_INT),
    FIELD("calcnt", 136, 8, FF_INT),
    FIELD("errcnt", 144, 8, FF_INT),
    FIELD("stbcnt", 152, 8, FF_INT),
    FIELD("tai", 160, 4, FF_INT),
};
const struct struct_print layout_timex = STRUCT_FIELDS(timex_fields);
