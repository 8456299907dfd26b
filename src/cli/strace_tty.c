/*
 * strace_tty.c - terminal settings.
 */
#include "strace_print.h"

#include <asm/termbits.h>

enum { C_IFLAG = 0, C_OFLAG = 4, C_CFLAG = 8, C_LFLAG = 12, C_LINE = 16, C_CC = 17 };

static const struct name iflag_list[] = {
    NAME(IGNBRK), NAME(BRKINT), NAME(IGNPAR), NAME(PARMRK),  NAME(INPCK),
    NAME(ISTRIP), NAME(INLCR),  NAME(IGNCR),  NAME(ICRNL),   NAME(IUCLC),
    NAME(IXON),   NAME(IXANY),  NAME(IXOFF),  NAME(IMAXBEL), NAME(IUTF8),
};
const struct name_set names_iflag = NAME_SET(iflag_list, "I???");

static const struct name oflag_list[] = {
    NAME_IN(NL0, NLDLY),   NAME_IN(NL1, NLDLY),   NAME_IN(CR0, CRDLY),   NAME_IN(CR1, CRDLY),
    NAME_IN(CR2, CRDLY),   NAME_IN(CR3, CRDLY),   NAME_IN(TAB0, TABDLY), NAME_IN(TAB1, TABDLY),
    NAME_IN(TAB2, TABDLY), NAME_IN(TAB3, TABDLY), NAME_IN(BS0, BSDLY),   NAME_IN(BS1, BSDLY),
    NAME_IN(VT0, VTDLY),   NAME_IN(VT1, VTDLY),   NAME_IN(FF0, FFDLY),   NAME_IN(FF1, FFDLY),
    NAME(OPOST),           NAME(OLCUC),           NAME(ONLCR),           NAME(OCRNL),
    NAME(ONOCR),           NAME(ONLRET),          NAME(OFILL),           NAME(OFDEL),
};
const struct name_set names_oflag = NAME_SET(oflag_list, "O???");

static const struct name cflag_list[] = {
    NAME_IN(B0, CBAUD),
    NAME_IN(B50, CBAUD),
    NAME_IN(B75, CBAUD),
    NAME_IN(B110, CBAUD),
    NAME_IN(B134, CBAUD),
    NAME_IN(B150, CBAUD),
    NAME_IN(B200, CBAUD),
    NAME_IN(B300, CBAUD),
    NAME_IN(B600, CBAUD),
    NAME_IN(B1200, CBAUD),
    NAME_IN(B1800, CBAUD),
    NAME_IN(B2400, CBAUD),
    NAME_IN(B4800, CBAUD),
    NAME_IN(B9600, CBAUD),
    NAME_IN(B19200, CBAUD),
    NAME_IN(B38400, CBAUD),
    NAME_IN(BOTHER, CBAUD),
    NAME_IN(B57600, CBAUD),
    NAME_IN(B115200, CBAUD),
    NAME_IN(B230400, CBAUD),
    NAME_IN(B460800, CBAUD),
    NAME_IN(B500000, CBAUD),
    NAME_IN(B576000, CBAUD),
    NAME_IN(B921600, CBAUD),
    NAME_IN(B1000000, CBAUD),
    NAME_IN(B1152000, CBAUD),
    NAME_IN(B1500000, CBAUD),
    NAME_IN(B2000000, CBAUD),
    NAME_IN(B2500000, CBAUD),
    NAME_IN(B3000000, CBAUD),
    NAME_IN(B3500000, CBAUD),
    NAME_IN(B4000000, CBAUD),
    NAME_IN(CS5, CSIZE),
    NAME_IN(CS6, CSIZE),
    NAME_IN(CS7, CSIZE),
    NAME_IN(CS8, CSIZE),
    NAME(CSTOPB),
    NAME(CREAD),
    NAME(PARENB),
    NAME(PARODD),
    NAME(HUPCL),
    NAME(CLOCAL),
    NAME(CMSPAR),
    NAME(CRTSCTS),
};
const struct name_set names_cflag = NAME_SET(cflag_list, "C???");

static const struct name lflag_list[] = {
    NAME(ISIG),   NAME(ICANON), NAME(XCASE),  NAME(ECHO),    NAME(ECHOE),   NAME(ECHOK),
    NAME(ECHONL), NAME(NOFLSH), NAME(TOSTOP), NAME(IEXTEN),  NAME(ECHOCTL), NAME(ECHOPRT),
    NAME(ECHOKE), NAME(FLUSHO), NAME(PENDIN), NAME(EXTPROC),
};
const struct name_set names_lflag = NAME_SET(lflag_list, "L???");

static const struct name tcflush_list[] = {
    NAME_AS("TCIFLUSH", 0),
    NAME_AS("TCOFLUSH", 1),
    NAME_AS("TCIOFLUSH", 2),
};
const struct name_set names_tcflush = NAME_SET(tcflush_list, "TC???FLUSH");

static const struct name tcflow_list[] = {
    NAME_AS("TCOOFF", 0),
    NAME_AS("TCOON", 1),
    NAME_AS("TCIOFF", 2),
    NAME_AS("TCION", 3),
};
const struct name_set names_tcflow = NAME_SET(tcflow_list, "TC???");

static void field_characters(struct printer *p, const struct mem *mem, const struct field *f)
{
    text_quoted_hex(p->out, mem->data + f->off, f->size);
}

static const struct field termios_fields[] = {
    FIELD_OF("c_iflag", C_IFLAG, 4, FF_FLAGS, FS_iflag),
    FIELD_OF("c_oflag", C_OFLAG, 4, FF_FLAGS, FS_oflag),
    FIELD_OF("c_cflag", C_CFLAG, 4, FF_FLAGS, FS_cflag),
    FIELD_OF("c_lflag", C_LFLAG, 4, FF_FLAGS, FS_lflag),
    DETAIL("c_line", C_LINE, 1, FF_UINT),
    DETAIL_FN("c_cc", C_CC, 19, field_characters),
};
const struct struct_print layout_termios = STRUCT_FIELDS(termios_fields);

static const struct field termios2_fields[] = {
    FIELD_OF("c_iflag", C_IFLAG, 4, FF_FLAGS, FS_iflag),
    FIELD_OF("c_oflag", C_OFLAG, 4, FF_FLAGS, FS_oflag),
    FIELD_OF("c_cflag", C_CFLAG, 4, FF_FLAGS, FS_cflag),
    FIELD_OF("c_lflag", C_LFLAG, 4, FF_FLAGS, FS_lflag),
    DETAIL("c_line", C_LINE, 1, FF_UINT),
    DETAIL_FN("c_cc", C_CC, 19, field_characters),
    FIELD("c_ispeed", 36, 4, FF_UINT),
    FIELD("c_ospeed", 40, 4, FF_UINT),
};
const struct struct_print layout_termios2 = STRUCT_FIELDS(termios2_fields);

static const struct field winsize_fields[] = {
    FIELD("ws_row", 0, 2, FF_UINT),
    FIELD("ws_col", 2, 2, FF_UINT),
    FIELD("ws_xpixel", 4, 2, FF_UINT),
    FIELD("ws_ypixel", 6, 2, FF_UINT),
};
const struct struct_print layout_winsize = STRUCT_FIELDS(winsize_fields);
