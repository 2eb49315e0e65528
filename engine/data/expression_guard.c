/* expression_guard.c - see its header. All state is the thread's. */
#include "data/expression_guard.h"

#include <assert.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/limits.h"

#ifdef __SANITIZE_ADDRESS__
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

#ifdef HAVE_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/* glibc before 2.38 does not name it. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

enum {
    TICK_MS = 4, /* the grain of the kernel's processor clocks */
    /* libjq frees a value with some 150 bytes a level; a second makes 2 million levels. */
    STACK_MB = 512,
    /* Of one search: some 50 ms. libjq cannot be halted inside of one. */
    REGEX_RETRIES = 1000 * 1000,
};

enum halt { HALT_NONE, HALT_TIME, HALT_MEMORY };

struct guard {
    char *stack;
    ucontext_t caller, inside;
    void (*job)(void *context);
    void *context;
    bool is_running, was_abandoned;
#ifdef HAVE_ASAN
    const void *caller_stack;
    size_t caller_stack_bytes;
#endif
    bool has_timer;
    timer_t timer;
    jq_state *volatile watched;
    volatile sig_atomic_t halted; /* enum halt */
    bool was_long;
    int64_t started_ns;
    int64_t pages_at_first; /* resident memory at the first tick; 0: not yet */
};

static _Thread_local struct guard guard;

/* ---- the clock and the scale ---- */

static int64_t processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Resident pages of the process, by means that a signal handler may use. */
static int64_t resident_pages(void)
{
    char text[128];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    int64_t pages = 0;

    if (file < 0)
        return 0;
    ssize_t len = read(file, text, sizeof text);
    close(file);
    ssize_t at = 0;
    while (at < len && text[at] != ' ')
        at++;
    for (at++; at < len && text[at] >= '0' && text[at] <= '9'; at++)
        pages = pages * 10 + (text[at] - '0');
    return pages;
}

static void tick(int signal, siginfo_t *info, void *context)
{
    struct guard *mine = info->si_value.sival_ptr;
    (void)signal, (void)context;

    if (info->si_code != SI_TIMER || mine->watched == NULL || mine->halted != HALT_NONE)
        return;
    int64_t pages = resident_pages();
    mine->was_long = true;
    if (mine->pages_at_first == 0)
        mine->pages_at_first = pages;
    if (processor_ns() - mine->started_ns >= (int64_t)LIMIT_EXPRESSION_MS * 1000000)
        mine->halted = HALT_TIME;
    else if ((pages - mine->pages_at_first) * sysconf(_SC_PAGESIZE) > LIMIT_EXPRESSION_MEMORY)
        mine->halted = HALT_MEMORY;
    if (mine->halted != HALT_NONE)
        jq_halt(mine->watched, jv_invalid(), jv_invalid());
}

static int tick_signal(void)
{
    return SIGRTMIN + 5; /* no library that we use takes one of these */
}

/* Once for the process. Old libonig tries patterns like (a*)*b for minutes; newer ones have a
 * limit that can be set. */
static void prepare_process(void)
{
    struct sigaction action = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART};
    int (*set_retries)(unsigned long) = NULL;

    sigemptyset(&action.sa_mask);
    ensure(sigaction(tick_signal(), &action, NULL) == 0);
    *(void **)&set_retries = dlsym(RTLD_DEFAULT, "onig_set_retry_limit_in_search");
    if (set_retries != NULL)
        set_retries(REGEX_RETRIES);
}

static void make_timer(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = tick_signal()};

    ensure(pthread_once(&once, prepare_process) == 0);
    event.sigev_value.sival_ptr = &guard;
    event.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
    ensure(timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &guard.timer) == 0);
    guard.has_timer = true;
}

static void set_timer(long interval_ms)
{
    struct timespec interval = {.tv_nsec = interval_ms * 1000000};
    struct itimerspec times = {.it_interval = interval, .it_value = interval};

    ensure(timer_settime(guard.timer, 0, &times, NULL) == 0);
}

void guard_watch(jq_state *jq)
{
    if (!guard.has_timer)
        make_timer();
    guard.halted = HALT_NONE;
    guard.pages_at_first = 0;
    guard.started_ns = processor_ns();
    guard.watched = jq;
    set_timer(TICK_MS);
}

bool guard_unwatch(struct problem *why)
{
    guard.watched = NULL;
    set_timer(0);
    if (guard.halted == HALT_TIME)
        return problem_set(why, PROBLEM_LIMIT_REACHED, "it takes longer than %d ms",
                           LIMIT_EXPRESSION_MS);
    if (guard.halted == HALT_MEMORY)
        return problem_set(why, PROBLEM_LIMIT_REACHED, "it needs more than %d MB of memory",
                           LIMIT_EXPRESSION_MEMORY / (1024 * 1024));
    return true;
}

/* ---- the stack ---- */

static size_t stack_bytes(void)
{
    return (size_t)STACK_MB * 1024 * 1024;
}

static void make_stack(void)
{
    void *stack = mmap(NULL, stack_bytes(), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);

    ensure(stack != MAP_FAILED);
    ensure(mprotect(stack, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE) == 0);
    guard.stack = stack;
}

/* Both sides of each change of stack are told to AddressSanitizer, where it is there. */
static void before_leaving_caller(void **fake)
{
#ifdef HAVE_ASAN
    __sanitizer_start_switch_fiber(fake, guard.stack, stack_bytes());
#else
    (void)fake;
#endif
}

static void after_arriving_inside(void)
{
#ifdef HAVE_ASAN
    __sanitizer_finish_switch_fiber(NULL, &guard.caller_stack, &guard.caller_stack_bytes);
#endif
}

static void before_leaving_inside(void)
{
#ifdef HAVE_ASAN
    __sanitizer_start_switch_fiber(NULL, guard.caller_stack, guard.caller_stack_bytes);
#endif
}

static void after_arriving_at_caller(void *fake)
{
#ifdef HAVE_ASAN
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#else
    (void)fake;
#endif
}

static void begin_inside(void)
{
    after_arriving_inside();
    guard.job(guard.context);
    before_leaving_inside();
    setcontext(&guard.caller);
}

bool guard_run(void (*job)(void *context), void *context)
{
    void *fake = NULL;

    ensure(!guard.is_running);
    if (guard.stack == NULL)
        make_stack();
    guard.job = job;
    guard.context = context;
    guard.is_running = true;
    guard.was_abandoned = false;
    guard.was_long = false;
    ensure(getcontext(&guard.inside) == 0);
    guard.inside.uc_stack.ss_sp = guard.stack;
    guard.inside.uc_stack.ss_size = stack_bytes();
    guard.inside.uc_link = NULL;
    makecontext(&guard.inside, begin_inside, 0);
    before_leaving_caller(&fake);
    ensure(swapcontext(&guard.caller, &guard.inside) == 0);
    after_arriving_at_caller(fake);
    guard.is_running = false;
    if (guard.watched != NULL) { /* abandoned under watch */
        guard.watched = NULL;
        set_timer(0);
    }
    if (guard.was_long) /* it may have gone deep: give the pages back */
        madvise(guard.stack + sysconf(_SC_PAGESIZE),
                stack_bytes() - (size_t)sysconf(_SC_PAGESIZE), MADV_DONTNEED);
    return !guard.was_abandoned;
}

/* Takes the place of the C library's: an assertion that fails inside of libjq ends the job.
 * Everywhere else it says the same and ends the process, as ever. */
void __assert_fail(const char *truth, const char *file, unsigned line, const char *function)
{
    if (guard.is_running) {
        guard.was_abandoned = true;
        before_leaving_inside();
        setcontext(&guard.caller);
    }
    fprintf(stderr, "%s:%u: %s: assertion \"%s\" failed\n", file, line, function, truth);
    abort();
}
