/* Threads with a connection each, writing and reading one database in WAL mode. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4
#define ROWS 200

static void check(int rc, sqlite3 *db, const char *what)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
        return;
    printf("%s: %d %s\n", what, rc, sqlite3_errmsg(db));
    exit(1);
}

static sqlite3 *open_it(void)
{
    sqlite3 *db;
    check(sqlite3_open("mt.db", &db), NULL, "open");
    sqlite3_busy_timeout(db, 30000);
    return db;
}

static long ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    check(sqlite3_prepare_v2(db, sql, -1, &s, NULL), db, sql);
    check(sqlite3_step(s), db, sql);
    long v = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return v;
}

static void *writer(void *arg)
{
    sqlite3 *db = open_it();
    sqlite3_stmt *s;
    check(sqlite3_prepare_v2(db, "insert into t values(?, ?)", -1, &s, NULL), db, "prepare");
    for (int i = 0; i < ROWS; i++) {
        if (i % 50 == 0)
            check(sqlite3_exec(db, "begin immediate", NULL, NULL, NULL), db, "begin");
        sqlite3_bind_int(s, 1, (int)(long)arg);
        sqlite3_bind_int(s, 2, i);
        check(sqlite3_step(s), db, "insert");
        sqlite3_reset(s);
        if (i % 50 == 49)
            check(sqlite3_exec(db, "commit", NULL, NULL, NULL), db, "commit");
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return NULL;
}

static void *reader(void *arg)
{
    sqlite3 *db = open_it();
    long before = 0, now = 0;
    for (int i = 0; i < 30 && now < THREADS * ROWS; i++) {
        now = ask(db, "select count(*) from t");
        if (now < before || now % 50)
            printf("a reader saw %ld rows after %ld\n", now, before);
        before = now;
    }
    sqlite3_close(db);
    return NULL;
}

/* One connection for all, which sqlite serialises by itself. */
static void *sharer(void *db)
{
    for (int i = 0; i < 50; i++)
        check(sqlite3_exec(db, "update n set v = v + 1", NULL, NULL, NULL), db, "update");
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS + 2];
    sqlite3 *db = open_it();
    check(sqlite3_exec(db, "pragma journal_mode=wal; create table t(a, b); create table n(v); insert into n values(0)",
                       NULL, NULL, NULL), db, "create");
    for (long i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, writer, (void *)i);
    for (int i = THREADS; i < THREADS + 2; i++)
        pthread_create(&t[i], NULL, reader, NULL);
    for (int i = 0; i < THREADS + 2; i++)
        pthread_join(t[i], NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, sharer, db);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("%ld %ld %ld %s\n", ask(db, "select count(*) from t"), ask(db, "select sum(a * b) from t"),
           ask(db, "select v from n"), sqlite3_threadsafe() ? "threadsafe" : "not threadsafe");
    sqlite3_close(db);
    return 0;
}
