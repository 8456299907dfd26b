/* bug_order - the thread uses what main sets only after having started it. */
#include "bug.h"

struct settings {
    int level;
};
static struct settings *volatile settings;

static void *worker(void *arg)
{
    usleep(50000); /* its own preparations: they take longer, as a rule */
    if (!settings)
        bug("the settings are not there yet");
    *(int *)arg = settings->level;
    return NULL;
}

int main(void)
{
    static struct settings mine = {7};
    pthread_t t;
    int level;
    start(&t, worker, &level);
    settings = &mine;
    pthread_join(t, NULL);
    printf("level %d\n", level);
    return 0;
}
