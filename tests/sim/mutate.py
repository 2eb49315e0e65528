#!/usr/bin/env python3
"""Breaks the engine on purpose, one line at a time, and expects the simulation to see it.

    mutate.py BUILD-FOLDER [NAME...]

Each row of MUTATIONS is a way to be wrong that would cost somebody something. Its text must stand
in the engine exactly once, so that a row cannot silently fall out of use. The file is compiled as
the build folder compiles it, and linked in front of the engine's own.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

SEEDS = 400
SECONDS = 150  # for one of them: the last seeds of a mutation that is never seen

Mutation = collections.namedtuple('Mutation', 'name file old new sentence')

MUTATIONS = [Mutation(*row) for row in (
    ('act-before-commit', 'drive/turn.c',
     'driver->world->table->append(driver->world, &turn->append);',
     'deeds_settle(driver, turn->lives[0]); driver->world->table->append(driver->world, &turn->append);',
     'A call is started before the record that asks for it is durable.'),
    ('answer-before-commit', 'drive/turn.c',
     'link_turn(turn);\n    driver->world->table->append',
     'answer_asks(turn); turn->heard_count = 0; link_turn(turn);\n    driver->world->table->append',
     'Whoever asks is told that it is done before it is durable.'),
    ('apply-without-commit', 'drive/turn.c',
     'if (result == APPEND_COMMITTED)\n        turn_committed(turn);',
     'if (result != APPEND_REPEATED)\n        turn_committed(turn);',
     'A commit that failed is taken for one that did not.'),
    ('lose-mailbox', 'drive/turn.c',
     'if (!ask->is_internal || !make_acceptable(ask, why)) {',
     'if (make_acceptable(ask, why)) {',
     'What other systems have answered is forgotten when a commit fails.'),
    ('refuse-too-early', 'drive/turn.c',
     'if (turn->count > 0)\n        keep_ask(turn, ask, refusal);',
     'if (turn->count > 1000)\n        keep_ask(turn, ask, refusal);',
     'A message is dropped because of a record that is then not written.'),
    ('forget-event-key', 'drive/turn.c',
     'turn->append.event_key = intake->event_key;',
     'turn->append.event_key = NULL;',
     'A webhook that is sent twice begins its runs twice.'),
    ('forget-timer', 'drive/driver.c',
     'for (size_t i = 0; i < count; i++)\n        timers_add',
     'for (size_t i = 1; i < count; i++)\n        timers_add',
     'One of the timers that are found on disk is forgotten.'),
    ('forget-run', 'drive/driver.c',
     'for (size_t i = 0; i < count; i++)\n        driver->backlog[i] = runs[i].run;\n    driver->backlog_count = count;',
     'for (size_t i = 0; i < count; i++)\n        driver->backlog[i] = runs[i].run;\n    driver->backlog_count = count / 2;',
     'Not every run that an engine left when it died is gone on with.'),
    ('repeat-unsafe', 'drive/deeds.c',
     'traits & TRAIT_UNSAFE_TWICE ? MESSAGE_LOST : MESSAGE_AGAIN',
     'traits & TRAIT_READS ? MESSAGE_LOST : MESSAGE_AGAIN',
     'After a crash a call is repeated that must not be done twice.'),
    ('doubt-without-crash', 'drive/deeds.c',
     'return live->is_known &&',
     'return false && live->is_known &&',
     'A call is in doubt that this very engine has never made.'),
    ('never-cancel', 'drive/deeds.c',
     'driver->world->table->cancel(driver->world, deed);',
     '(void)driver;',
     'Nobody tells a call that its answer is not waited for any more.'),
    ('drop-deadline', 'run/frame.c',
     'frame->deadline_ms = record->deadline_ms;',
     'frame->deadline_ms = record->number == 0 ? record->deadline_ms : 0;',
     'A timeout is forgotten when its run is read back from disk.'),
    ('second-answer', 'run/take.c',
     'frame->state != FRAME_CALLING || frame->count != message->try_number',
     'frame->state != FRAME_CALLING',
     'The answer to an earlier try is taken for the answer to this one.'),
    ('wake-early', 'run/take.c',
     'if (!has_timer || frame->due_ms > now_ms)',
     'if (!has_timer || frame->due_ms > now_ms + 1000)',
     'A timer fires before its time.'),
    ('wake-suspended', 'run/take.c',
     'if (run->status != RUN_RUNNING || run->faulted != NULL)',
     'if (run_has_ended(run) || run->faulted != NULL)',
     'A timer fires in a run that is suspended.'),
    ('steal-decision', 'run/take.c',
     'work->state == WORK_TAKEN && strcmp(work->claimed_by, actor_name(message->actor)) != 0',
     'work->state == WORK_TAKEN && work->claimed_by[0] == 0',
     'Somebody decides what somebody else has claimed.'),
    ('decide-twice', 'run/take.c',
     'work->state == WORK_WITHDRAWN || work->state == WORK_DONE',
     'work->state == WORK_WITHDRAWN',
     'A work item is completed a second time.'),
    ('ignore-cancel', 'run/apply.c',
     'end_run(run, record, RUN_CANCELLED);\n    if (run->root != NULL)\n        frame_drop(run, run->root);',
     'end_run(run, record, RUN_RUNNING);',
     'A run goes on after it was cancelled.'),
    ('new-key', 'run/apply.c',
     'frame->begun = 0;',
     'frame->begun += 0;',
     'A retry makes its calls under new keys.'),
    ('key-after-timeout', 'run/apply.c',
     'frame->begun = frame->first_child->ordinal;',
     'frame->begun += 0;',
     'A flow that is retried makes the call it stood at under a new key.'),
    ('no-time-anew', 'run/apply.c',
     'faulted->deadline_ms = record->at_ms + faulted->timeout_ms;',
     'faulted->deadline_ms += 0;',
     'A flow that is retried because it took too long has no time left.'),
    ('forget-place', 'run/take.c',
     'json_object_set_new(error, "instance",',
     'json_object_set_new(error, "instances",',
     'An error that arrives while its run is not in memory does not say where.'),
    ('skip-filter', 'run/task_try.c',
     'if (!filter_fits(catching, ret_catches, why))',
     'if (*ret_catches = true, false)',
     'A try catches what its filter does not let in.'),
    ('one-retry-more', 'run/task_try.c',
     'frame->count > retry->attempts_max',
     'frame->count > retry->attempts_max + 1',
     'A retry policy is used once more than it allows.'),
    ('forget-loop-output', 'run/task_for.c',
     'task_end(decision, frame, frame->task, frame->input, frame->value, &frame->task->then);',
     'task_end(decision, frame, frame->task, frame->input, frame->input, &frame->task->then);',
     'What the rounds of a loop made is lost at its end.'),
    ('inner-variables', 'run/view.c',
     'view->is_outside ? view->frame->parent : view->frame',
     'view->frame',
     'At its end a loop sees its own variables in place of those around it.'),
    ('forget-context', 'run/list.c',
     'record_data_add(decision->next, "context", context);',
     'record_data_add(decision->next, "contexts", context);',
     'What a task exports is not recorded.'),
    ('row-without-deadline', 'run/run.c',
     'if (frame->deadline_ms != 0)\n        add_wait',
     'if (frame->deadline_ms < 0)\n        add_wait',
     'No row says when a timeout is due, so a sleeping run is never told.'),
)]


def replaced(mutation, engine):
    text = (engine / mutation.file).read_text()
    count = text.count(mutation.old)
    if count != 1:
        sys.exit(f'{mutation.name}: its text stands {count} times in {mutation.file}: {mutation.old!r}')
    return text.replace(mutation.old, mutation.new)


def compile_command(build, source, mutated, output):
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        if os.path.realpath(os.path.join(entry['directory'], entry['file'])) != str(source):
            continue
        words = shlex.split(entry['command'])
        for option, value in (('-o', output), ('-c', mutated), ('-MF', f'{output}.d')):
            if option in words:
                words[words.index(option) + 1] = str(value)
        return words + ['-w']  # its style is not what is tested
    sys.exit(f'{source} is not compiled in {build}')


def link_command(build, mutated, output):
    commands = subprocess.run(['ninja', '-C', build, '-t', 'commands', 'tests/sim/sim'], check=True,
                              capture_output=True, text=True).stdout.splitlines()
    words = shlex.split([line for line in commands if ' -o tests/sim/sim ' in f'{line} '][-1])
    at = words.index('-o') + 1
    return words[:at] + [str(output), str(mutated)] + words[at + 1:]


def try_mutation(mutation, build, engine, folder):
    source = engine / mutation.file
    changed = folder / f'{mutation.name}.c'
    thing = folder / f'{mutation.name}.o'
    program = folder / mutation.name
    environment = dict(os.environ, ASAN_OPTIONS='detect_leaks=0:malloc_context_size=3')

    changed.write_text(replaced(mutation, engine))
    subprocess.run(compile_command(build, source.resolve(), changed, thing), cwd=build, check=True)
    subprocess.run(link_command(build, thing, program), cwd=build, check=True)
    try:
        run = subprocess.run([program, '1', str(SEEDS)], capture_output=True, text=True,
                             errors='replace', env=environment, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False, f'nothing seen in {SECONDS} seconds'
    finally:
        program.unlink()
    if run.returncode == 0:
        return False, f'nothing seen in {SEEDS} seeds'
    seen = [line for line in run.stderr.splitlines() if line.startswith('seed ')]
    return True, seen[0][:110] if seen else 'the engine gave up'


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    engine = pathlib.Path(__file__).resolve().parents[2] / 'engine'
    names = sys.argv[2:]
    chosen = [mutation for mutation in MUTATIONS if not names or mutation.name in names]

    for mutation in chosen:
        replaced(mutation, engine)
    missed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        work = [pool.submit(try_mutation, mutation, build, engine, pathlib.Path(folder)) for mutation in chosen]
        for mutation, outcome in zip(chosen, work):
            is_seen, how = outcome.result()
            missed += not is_seen
            print(f"{'caught' if is_seen else 'MISSED'}  {mutation.name}: {mutation.sentence}\n        {how}",
                  flush=True)
    print(f'{len(chosen) - missed} of {len(chosen)} mutations are caught')
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
