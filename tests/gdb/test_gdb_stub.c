/* test_gdb_stub.c - each packet's answer, over a target that is no program. */
#include "fake_target.h"
#include "gdbstub/packet.h"
#include "gdbstub/regs.h"
#include "gdbstub/signals.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM (1u << 20)

static struct fake fake;
static char in[ROOM], out[ROOM];
static size_t in_len;
static struct fake_stream stream;
static int manners;

static void send_bytes(const char *data, size_t len)
{
    unsigned sum = 0;
    in[in_len++] = '$';
    for (size_t i = 0; i < len; i++) {
        sum += (unsigned char)data[i];
        in[in_len++] = data[i];
    }
    in_len += (size_t)sprintf(in + in_len, "#%02x", sum & 0xff);
}

static void say(const char *packet)
{
    send_bytes(packet, strlen(packet));
}

/* Sends what was said; out then has the answers, each in a line, runs undone. */
static int talk(void)
{
    char *raw = malloc(ROOM);
    size_t n = 0;
    stream = (struct fake_stream){(unsigned char *)in, in_len, 0, raw, 0, ROOM, manners};
    int end = fake_session(&fake, &stream);
    cr_assert_lt(stream.out_len, (size_t)ROOM);
    for (size_t i = 0; i < stream.out_len; i++) {
        if (raw[i] == '#') {
            out[n++] = '\n';
            i += 2;
        } else if (raw[i] == '*') {
            memset(out + n, out[n - 1], (size_t)(raw[i + 1] - 29));
            n += (size_t)(raw[++i] - 29);
        } else if (raw[i] != '$') {
            out[n++] = raw[i];
        }
    }
    out[n] = 0;
    in_len = 0;
    free(raw);
    return end;
}

/* One packet and its answer, behind those that every client sends first. */
static const char *ask(const char *packet)
{
    say("QStartNoAckMode");
    say("qSupported:multiprocess+;swbreak+;exec-events+");
    say(packet);
    talk();
    char *answer = strchr(strchr(out, '\n') + 1, '\n') + 1;
    if (*answer)
        answer[strlen(answer) - 1] = 0;
    return answer;
}

static void init(void)
{
    in_len = 0;
    manners = FAKE_WAITS;
    fake_init(&fake);
}

TestSuite(stub, .init = init);

Test(stub, features)
{
    say("QStartNoAckMode");
    say("qSupported:multiprocess+;xmlRegisters=i386;qRelocInsn+;swbreak+");
    talk();
    for (const char *want = "PacketSize=20000\0ReverseStep+\0ReverseContinue+\0QStartNoAckMode+\0"
                            "ConditionalBreakpoints+\0QCatchSyscalls+\0QPassSignals+\0swbreak+\0"
                            "qXfer:features:read+\0qXfer:auxv:read+\0qXfer:siginfo:read+\0";
         *want; want += strlen(want) + 1)
        cr_expect(strstr(out, want), "%s is not in %s", want, out);
    cr_expect_null(strstr(out, "exec-events"), "only sent to who knows it");
}

Test(stub, unknown_packets_have_an_empty_answer)
{
    static const char *const unknown[] = {"vMustReplyEmpty",
                                          "qNope",
                                          "QNope:1",
                                          "vNope;1",
                                          "y",
                                          "qXfer:nope:read::0,10",
                                          "qXfer:features:write::0:",
                                          "",
                                          "qCx",
                                          "vContx",
                                          "jThreadsInfo",
                                          "qXfer:"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        cr_expect_str_eq(ask(unknown[i]), "", "%s", unknown[i]);
}

Test(stub, threads)
{
    cr_expect_str_eq(ask("qC"), "QCp64.64");
    cr_expect_str_eq(ask("qfThreadInfo"), "mp64.64,p64.65");
    cr_expect_str_eq(ask("Tp64.65"), "OK");
    cr_expect_str_eq(ask("Tp64.99"), "E03");
    cr_expect_str_eq(ask("Hgp64.65"), "OK");
    cr_expect_str_eq(ask("Hgp64.66"), "E03");
    cr_expect_str_eq(ask("Hc-1"), "OK");
    cr_expect_str_eq(ask("Hx1"), "E16");
    cr_expect_str_eq(ask("qThreadExtraInfo,p64.65"), "746872656164203c3130313e");
    cr_expect(strstr(ask("qXfer:threads:read::0,1000"),
                     "<thread id=\"p64.65\" core=\"0\" name=\"thread &}\00360;101&}\00362;\"/>"));
}

Test(stub, memory)
{
    cr_expect_str_eq(ask("m10000,4"), "00070e15");
    cr_expect_str_eq(ask("m1fffe,10"), "f2f9", "cut where memory ends");
    cr_expect_str_eq(ask("m20000,1"), "E0e");
    cr_expect_str_eq(ask("m,1"), "E16");
    cr_expect_str_eq(ask("m10000"), "E16");
    cr_expect_str_eq(ask("m11112222333344445,1"), "E16");
    cr_expect_eq(strlen(ask("m10000,ffffffffffffffff")), 0x20000u);
    cr_expect_str_eq(ask("M10000,2:ab12"), "OK");
    cr_expect_eq(fake.memory[1], 0x12);
    cr_expect_str_eq(ask("M10000,2:ab1"), "E16");
    cr_expect_str_eq(ask("M10000,3:ab12"), "E16");
    cr_expect_str_eq(ask("X10000,0:"), "OK");
    cr_expect_str_eq(ask("X10000,2:}\003z"), "OK");
    cr_expect_eq(fake.memory[0], '#');
}

Test(stub, search)
{
    cr_expect_str_eq(ask("qSearch:memory:10000;1000;\x0e\x15"), "1,10002");
    cr_expect_str_eq(ask("qSearch:memory:10000;100;zz"), "0");
    cr_expect_str_eq(ask("qSearch:memory:10000;20000;zz"), "E0e");
    cr_expect_str_eq(ask("qSearch:memory:10000;1000;"), "E16");
    memcpy(fake.memory, "123456789", 9);
    cr_expect_str_eq(ask("qCRC:10000,9"), "C376e6e7");
}

Test(stub, registers)
{
    struct target_layout layout = {0xe7, {0}};
    cr_expect_eq(regs_count(&layout), 60 + 16 + 8 + 16 + 48);
    size_t digits = 2 * (24 * 8 - 7 * 4 + 8 * 10 + 8 * 4 + 16 * 16 + 4 + 3 * 8 + 16 * 16 + 8 * 8 +
                         16 * 32 + 16 * (16 + 16 + 32));
    cr_expect_eq(strlen(ask("g")), digits);
    cr_expect_str_eq(ask("p10"), "0010400000000000");
    cr_expect_str_eq(ask("p7"), "0004010000000000");
    cr_expect_str_eq(ask("p12"), "33000000", "cs");
    cr_expect_str_eq(ask("p3c"), "404142434445464748494a4b4c4d4e4f", "ymm0h");
    cr_expect_str_eq(ask("p1000"), "E16");
    cr_expect_str_eq(ask("P0=1122334455667788"), "OK");
    cr_expect_eq(fake.regs[0].gpr[0], 0x8877665544332211u);
    cr_expect_str_eq(ask("P0=112233445566778"), "E16");
    cr_expect_str_eq(ask("P0=11223344556677889"), "E16");
    cr_expect_str_eq(ask("P99999999=00"), "E16");
    cr_expect_str_eq(ask("G0100000000000000"), "OK");
    cr_expect_eq(fake.regs[0].gpr[0], 1u);
    cr_expect_str_eq(ask("G01000000000000"), "E16");
}

Test(stub, all_registers_there_and_back)
{
    struct target_regs regs = fake.regs[1], back = {.xstate_size = 2688};
    struct target_layout layout = {0};
    unsigned char value[REG_MAX];
    fake_target(&fake).ops->layout(&fake, &layout);
    for (unsigned i = 0; i < regs_count(&layout); i++) {
        cr_assert_gt(regs_get(&regs, &layout, i, value), 0u);
        cr_assert_gt(regs_set(&back, &layout, i, value), 0u);
    }
    cr_expect_eq(memcmp(back.xstate + 32, regs.xstate + 32, 10), 0);
    cr_expect_eq(memcmp(back.xstate + 160, regs.xstate + 160, 256), 0);
    cr_expect_eq(memcmp(back.xstate + 576, regs.xstate + 576, 256), 0);
    cr_expect_eq(memcmp(back.xstate + 1088, regs.xstate + 1088, 1600), 0);
    cr_expect_eq(regs_get(&regs, &layout, regs_count(&layout), value), 0u);
}

Test(stub, x87_tags)
{
    struct target_layout layout = {0};
    struct target_regs regs = {.xstate_size = 512};
    unsigned char value[REG_MAX];
    uint32_t tags;
    regs.xstate[3] = 6 << 3; /* top is 6: st0 is register 6 */
    regs.xstate[4] = 0xc0;
    regs.xstate[32 + 7] = 0x80; /* st0 = 1.0 */
    regs.xstate[32 + 8] = 0xff;
    regs.xstate[32 + 9] = 0x3f; /* st1 stays 0 */
    cr_assert_eq(regs_get(&regs, &layout, 34, value), 4u);
    memcpy(&tags, value, 4);
    cr_expect_eq(tags, 0x4fffu, "%x", tags);
    regs.xstate[4] = 0;
    cr_assert_eq(regs_set(&regs, &layout, 34, value), 4u);
    cr_expect_eq(regs.xstate[4], 0xc0);
}

Test(stub, description_has_one_line_a_register)
{
    struct target_layout layout = {0};
    fake_target(&fake).ops->layout(&fake, &layout);
    char *text = regs_description(&layout);
    unsigned lines = 0;
    for (const char *c = text; (c = strstr(c, "<reg ")); c++)
        lines++;
    cr_expect_eq(lines, regs_count(&layout));
    cr_expect(strstr(text, "name=\"zmm31h\"") && strstr(text, "name=\"fs_base\""));
    cr_expect_null(strstr(text, "pkru"));
    free(text);
}

Test(stub, running)
{
    cr_expect_str_eq(ask("vCont?"), "vCont;c;C;s;S;t;r");
    cr_expect_str_eq(ask("vCont;s:p64.64;c:p64.-1"),
                     "T0506:0000000000000000;07:0004010000000000;10:0110400000000000;"
                     "thread:p64.64;core:0;");
    cr_expect_eq(fake.now, 1);
    ask("vCont;r401000,401005:p64.64;c");
    cr_expect_eq(fake.now, 5);
    cr_expect(strstr(ask("vCont;c"), "replaylog:end;"));
    cr_expect_eq(fake.now, FAKE_END);
    ask("bs");
    cr_expect_eq(fake.now, FAKE_END - 1);
    cr_expect(strstr(ask("bc"), "replaylog:begin;"));
    cr_expect_eq(fake.now, 0);
    cr_expect(strstr(ask("c"), "replaylog:end;"));
    cr_expect_str_eq(ask("vCont"), "");
    cr_expect_str_eq(ask("vCont;"), "E16");
    cr_expect_str_eq(ask("vCont;q"), "E16");
    cr_expect_str_eq(ask("vCont;C"), "E16");
    cr_expect_str_eq(ask("vCont;s;"), "E16");
    cr_expect_str_eq(ask("vCont;t"), "OK");
    ask("R00");
    ask("vCont;S0b:p64.64");
    cr_expect_eq(fake.now, 1);
}

Test(stub, breakpoints)
{
    say("Z0,401005,1");
    say("Z1,401005,1");
    say("vCont;c");
    say("z0,401005,1");
    say("vCont;c");
    say("z1,401005,1");
    say("z1,401005,1");
    say("bc");
    say("Z0,401005,1;X3,220027X1,27;cmds:0,X1,27");
    say("Z0,401005,1;X3,220028");
    say("Z0,401005,1;X3,2200");
    say("Z5,401005,1");
    talk();
    cr_expect_eq(fake.condition_count, 1u, "the last that was understood");
    cr_expect(strstr(out, "+OK\n+OK\n+T0506"), "%s", out);
    cr_expect(strstr(out, "+OK\n+OK\n+T05replaylog:begin;"), "%s", out);
    cr_expect(strstr(out, "+OK\n+E16\n+E16\n+E16\n"), "%s", out);
    cr_expect_eq(fake.break_count, 0u, "removed at the end of the session");
}

Test(stub, swbreak_is_said_to_who_knows_it)
{
    fake.breaks[fake.break_count++] = FAKE_CODE + 5;
    cr_expect(strstr(ask("vCont;c"), "T05swbreak:;"));
    say("vCont;c");
    talk();
    cr_expect_null(strstr(out, "swbreak"));
}

Test(stub, watchpoints_both_ways)
{
    say("Z2,10008,8");
    say("Z2,10008,8");
    say("vCont;c");
    say("p10");
    say("bc");
    say("p10");
    say("z2,10008,8");
    say("Z2,10008,0");
    say("Z3,ffffffffffffffff,2");
    talk();
    cr_expect(strstr(out, "+OK\n+OK\n+T05watch:10008;"), "%s", out);
    cr_expect(strstr(out, "+0810400000000000\n+T05watch:10008;"), "%s", out);
    cr_expect(strstr(out, "+0710400000000000\n+OK\n+E16\n+E16\n"), "%s", out);
}

Test(stub, catch_and_pass)
{
    cr_expect_str_eq(ask("QPassSignals:e;14;1e"), "OK"); /* GDB's ALRM, CHLD, USR1 */
    say("QPassSignals:e;14;1e;0;8f");
    say("QCatchSyscalls:1;3;5");
    say("k");
    fake.catching = -1;
    cr_expect_eq(talk(), GDBSTUB_KILLED);
    cr_expect_eq(fake.catching, 0, "forgotten at the end");
    cr_expect_str_eq(ask("QCatchSyscalls:1"), "OK");
    cr_expect_str_eq(ask("QCatchSyscalls:0"), "OK");
    cr_expect_str_eq(ask("QCatchSyscalls:2"), "E16");
    cr_expect_str_eq(ask("QCatchSyscalls:0;1"), "E16");
    cr_expect_str_eq(ask("QCatchSyscalls:"), "E16");
    cr_expect_str_eq(ask("QPassSignals:zz"), "E16");
}

Test(stub, signals_there_and_back)
{
    for (int n = 1; n <= 64; n++)
        if (n != 16)
            cr_expect_eq(signal_from_gdb(signal_to_gdb(n)), n, "%d", n);
    cr_expect_eq(signal_to_gdb(11), 11);
    cr_expect_eq(signal_to_gdb(10), 30);
    cr_expect_eq(signal_to_gdb(1000), 143);
    cr_expect_eq(signal_from_gdb(143), 0);
}

Test(stub, control_c)
{
    fake.endless = 1;
    say("vCont;c");
    in[in_len++] = 3;
    say("qC");
    talk();
    cr_expect(strstr(out, "T0206:") && strstr(out, "QC64"), "%s", out);
}

/* A client that evaluates a condition by itself is interrupted while the target stands: the
 * target must not run on. Once is enough. */
Test(stub, control_c_between_two_runs)
{
    say("vCont;s:p64.64");
    say("qC");
    in[in_len++] = 3;
    say("vCont;c");
    say("vCont;s:p64.64");
    talk();
    cr_expect(strstr(out, "T0206:"), "%s", out);
    cr_expect_eq(fake.now, 2);
}

/* ^C is read, but the target stops for a reason of its own, which the client may pass over. */
Test(stub, control_c_next_to_a_breakpoint)
{
    fake.deaf = 1;
    say("Z0,401001,1");
    say("vCont;c");
    in[in_len++] = 3;
    say("bc");
    say("vCont;s:p64.64");
    talk();
    char *first = strstr(out, "T05"), *second = strstr(out, "T02");
    cr_expect(first && second && first < second, "%s", out);
    cr_expect_eq(fake.now, 2);
}

Test(stub, a_client_that_goes_away_ends_the_run)
{
    fake.endless = 1;
    manners = FAKE_POLITE;
    say("vCont;c");
    cr_expect_eq(talk(), GDBSTUB_GONE);
}

Test(stub, libraries)
{
    cr_expect_str_eq(ask("qXfer:libraries-svr4:read::0,1000"), "E02");
    fake.library = "/lib/a&b.so";
    cr_expect_str_eq(ask("qXfer:libraries-svr4:read::0,1000"),
                     "l<library-list-svr4 version=\"1.0\">\n"
                     "<library name=\"/lib/a&}\003"
                     "38;b.so\" lm=\"0x7100\" l_addr=\"0x5000\" "
                     "l_ld=\"0x5e00\" lmid=\"0x0\"/>\n</library-list-svr4>\n");
    cr_expect_str_eq(ask("qXfer:libraries-svr4:read::1,7"), "mlibrary");
    fake.now = 7;
    cr_expect(strstr(ask("qXfer:libraries-svr4:read::0,1000"), " main-lm=\"0x7000\">"));
    fake.library = "/lib/\xfc.so"; /* would make the document a bad one */
    cr_expect_eq(ask("qXfer:libraries-svr4:read::0,1000")[0], 'E');
}

Test(stub, objects)
{
    cr_expect_str_eq(ask("qXfer:auxv:read::0,1000"), "l0123456789");
    cr_expect_str_eq(ask("qXfer:auxv:read::2,3"), "m234");
    cr_expect_str_eq(ask("qXfer:auxv:read::a,3"), "l");
    cr_expect_str_eq(ask("qXfer:exec-file:read:64:0,1000"), "l0123456789");
    cr_expect_str_eq(ask("qXfer:siginfo:read::0,1000"), "E02");
    cr_expect_str_eq(ask("qXfer:auxv:read::0"), "E16");
    cr_expect_eq(ask("qXfer:features:read:target.xml:0,4")[0], 'm');
    cr_expect_str_eq(ask("qXfer:features:read:other.xml:0,4"), "E02");
    cr_expect_str_eq(ask("qXfer:features:read:target.xml:ffffffffffffffff,4"), "E16");
}

Test(stub, files)
{
    cr_expect_str_eq(ask("vFile:setfs:0"), "F0");
    cr_expect_str_eq(ask("vFile:open:2f62696e2f66616b65,0,0"), "F0");
    cr_expect_eq(fake.open_files, 0, "closed at the end");
    cr_expect_str_eq(ask("vFile:open:2f62696e2f66616b65,1,0"), "F-1,1e");
    cr_expect_str_eq(ask("vFile:open:2f62,0,0"), "F-1,2");
    cr_expect_str_eq(ask("vFile:open:,0,0"), "F-1,16");
    cr_expect_str_eq(ask("vFile:pread:0,10,0"), "F-1,9");
    cr_expect_str_eq(ask("vFile:readlink:2f62"), "F-1,16");
    cr_expect_str_eq(ask("vFile:unlink:2f62"), "F-1,1e");
    say("vFile:open:2f62696e2f66616b65,0,0");
    say("vFile:pread:0,1000,15");
    say("vFile:close:0");
    say("vFile:close:0");
    talk();
    cr_expect(strstr(out, "+F12;}\4}\3}\n}] with specials\n"), "%s", out);
    cr_expect(strstr(out, "+F0\n+F-1,9\n"));
    say("vFile:open:2f62696e2f66616b65,0,0");
    say("vFile:fstat:0");
    talk();
    cr_expect(strstr(out, "+F40;"));
    say("vFile:stat:2f62696e2f66616b65");
    talk();
    cr_expect(strstr(out, "+F40;"));
    cr_expect_eq(fake.open_files, 0);
    cr_expect_str_eq(ask("vFile:stat:2f62"), "F-1,2");
    cr_expect_str_eq(ask("vFile:stat:"), "F-1,16");
}

Test(stub, too_many_files)
{
    for (int i = 0; i < 70; i++)
        say("vFile:open:2f62696e2f66616b65,0,0");
    talk();
    cr_expect(strstr(out, "F3f\n+F-1,18\n"), "%s", out);
    cr_expect_eq(fake.open_files, 0);
}

Test(stub, monitor)
{
    cr_expect_str_eq(ask("qRcmd,77686572"), "O77686572\nOK");
    const char *answer = ask("qRcmd,6c6f6e67"); /* "long" */
    size_t total = 0;
    for (; *answer == 'O' && answer[1] != 'K'; answer = strchr(answer, '\n') + 1)
        total += (strcspn(answer, "\n") - 1) / 2;
    cr_expect_eq(total, 1000u * strlen("a line of a long answer\n"));
    cr_expect_str_eq(ask("qRcmd,7"), "E16");
}

Test(stub, start_again_and_leave)
{
    fake.now = 50;
    cr_expect(strstr(ask("vRun;"), "10:0010400000000000;thread:p64.64;"));
    cr_expect(strstr(ask("vRun;2f61;3137"), "10:1110400000000000;thread:p64.65;"));
    cr_expect(strstr(ask("vRun;2f61;2d2d61;3137"), "10:0010400000000000;thread:p64.64;"));
    say("!");
    say("vKill;64");
    say("m10000,4");
    say("?");
    say("qfThreadInfo");
    say("vRun;616263");
    say("m10000,4");
    say("D;64");
    cr_expect_eq(talk(), GDBSTUB_GONE);
    cr_expect(strstr(out, "+OK\n+OK\n+E03\n+W00\n+l\n+T05"), "%s", out);
    cr_expect(strstr(out, "+00070e15\n+OK\n"), "%s", out);
    say("!");
    say("vKill;64");
    cr_expect_eq(talk(), GDBSTUB_KILLED);
    say("D");
    say("qC");
    cr_expect_eq(talk(), GDBSTUB_DETACHED);
}

Test(stub, too_big)
{
    char *big = calloc(1, PACKET_MAX + 100);
    memset(big, 'm', PACKET_MAX + 99);
    cr_expect_str_eq(ask(big), "E5a");
    free(big);
}
