/* ask.h - questions to a stopped guest (abi.h, RK_DEBUG_ASK_*). */
#ifndef RRL_REPLAYER_ASK_H
#define RRL_REPLAYER_ASK_H

#include "revisor/machine.h"

/* A list that came in pieces. Begins zeroed. */
struct answers {
    void *data;
    size_t count, cap;
};
void answers_free(struct answers *a);

/* Each replaces the list: 0, or an error and an empty list (session.h). */
int ask_threads(struct machine *m, struct answers *a); /* struct rk_debug_thread[] */
int ask_areas(struct machine *m, struct answers *a);   /* struct rk_map[] */
int ask_regs(struct machine *m, int32_t tid, struct rk_debug_stop *out);
int ask_process(struct machine *m, struct rk_debug_process *out);

#endif
