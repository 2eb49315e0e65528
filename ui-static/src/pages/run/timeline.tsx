// What a run did, task by task, in the order in which it began. A list that reads in order; beside each entry a
// bar that shows when in the run it happened, for those who see it.
import { useEffect, useRef } from 'preact/hooks';
import type { Run, RunTask } from '../../api/types';
import { useText } from '../../i18n';
import { between, clock, dateTime, exactTime } from '../../i18n/format';
import { href } from '../../router';
import { Empty, Icon, Link, TaskBadge } from '../../ui/parts';
import { Tree } from '../../ui/tree';

/** By its place in the list: what happens in one go has no frame of its own. */
export function stepId(index: number): string {
    return `step-${index}`;
}

const DEPTH_SHOWN = 6;

interface Span {
    from: number;
    length: number;
}

function wholeSpan(run: Run): Span {
    const from = Date.parse(run.startedAt ?? '') || 0;
    const ends = run.tasks.map((task) => Date.parse(task.endedAt ?? task.startedAt ?? '') || from);
    const until = run.endedAt ? Date.parse(run.endedAt) : Math.max(from, ...ends, Date.now());
    return { from, length: Math.max(1, until - from) };
}

export function Timeline({ run }: { run: Run }) {
    const t = useText();
    if (run.tasks.length === 0) {
        return <Empty>{t.run.noSteps}</Empty>;
    }
    const whole = wholeSpan(run);
    return (
        <>
            <p class="kern-body kern-body--small kern-body--muted">{t.run.stepsNote}</p>
            <ol class="timeline">
                {run.tasks.map((task, index) => (
                    <Step key={index} id={stepId(index)} task={task} whole={whole} />
                ))}
            </ol>
        </>
    );
}

const lookOf: Partial<Record<RunTask['status'], string>> = {
    completed: 'check',
    faulted: 'close',
    cancelled: 'close',
    inDoubt: 'question-mark',
    waiting: 'more-vert',
    retrying: 'autorenew',
    running: 'autorenew',
};

function Step({ id, task, whole }: { id: string; task: RunTask; whole: Span }) {
    const t = useText();
    const depth = Math.min(task.depth, DEPTH_SHOWN);
    return (
        <li class={`step indent indent--${depth} step--${task.status}`} id={id} tabIndex={-1}>
            <span class="step__dot" aria-hidden="true">
                <Icon name={lookOf[task.status] ?? 'chevron-right'} />
            </span>
            <div class="step__main">
                <div class="step__head">
                    <h3 class="kern-title kern-title--small step__name">{task.name}</h3>
                    <TaskBadge status={task.status} />
                </div>
                <p class="step__facts">{factsOf(task, t).join(' · ')}</p>
                {task.error && (
                    <p class="step__error wrap">
                        <strong>{task.error.title}</strong>
                        {task.error.detail && `: ${task.error.detail}`}
                    </p>
                )}
                {task.work && <Link to={href(['work', task.work])}>{t.run.toWork}</Link>}
                <StepData task={task} />
            </div>
            <Bar task={task} whole={whole} />
        </li>
    );
}

function factsOf(task: RunTask, t: ReturnType<typeof useText>): string[] {
    const parts = [task.operation ?? t.kinds[task.kind] ?? task.kind];
    if (task.depth > 0) {
        parts.push(t.run.depth(task.depth + 1));
    }
    if (task.iteration) {
        parts.push(t.run.iteration(task.iteration));
    }
    if (task.startedAt) {
        parts.push(exactTime(task.startedAt));
    }
    const took = task.status === 'skipped' ? null : between(task.startedAt, task.endedAt);
    if (took) {
        parts.push(took);
    }
    if ((task.tries ?? 0) > 1 || task.status === 'retrying') {
        parts.push(t.run.tries(task.tries ?? 1));
    }
    if (task.dueAt && !task.endedAt) {
        const due = dateTime(task.dueAt);
        parts.push(task.work ? t.run.due(due) : t.run.until(due));
    }
    return parts;
}

function StepData({ task }: { task: RunTask }) {
    const t = useText();
    const parts = (
        [
            [t.run.stepInput, task.input],
            [t.run.stepRequest, task.request],
            [t.run.stepOutput, task.output],
            [t.run.stepError, task.error ? { ...task.error } : undefined],
        ] as const
    ).filter(([, value]) => value !== undefined && value !== null);
    if (parts.length === 0) {
        return null;
    }
    return (
        <details class="step__data">
            <summary>{t.run.dataOf(task.name)}</summary>
            {parts.map(([name, value]) => (
                <div key={name}>
                    <h4 class="kern-label">{name}</h4>
                    <Tree value={value ?? null} what={`${task.name}, ${name}`} />
                </div>
            ))}
        </details>
    );
}

/** Widths are set on the element: the policy of the page allows no style in markup. */
function Bar({ task, whole }: { task: RunTask; whole: Span }) {
    const bar = useRef<HTMLDivElement>(null);
    const began = Date.parse(task.startedAt ?? '');
    const ended = Date.parse(task.endedAt ?? '') || Math.min(Date.now(), whole.from + whole.length);
    useEffect(() => {
        const left = Math.min(Math.max((began - whole.from) / whole.length, 0), 1);
        const width = Math.min(Math.max((ended - began) / whole.length, 0), 1 - left);
        bar.current?.style.setProperty('--left', `${left * 100}%`);
        bar.current?.style.setProperty('--width', `${width * 100}%`);
    });
    if (Number.isNaN(began)) {
        return <div class="step__bar" />;
    }
    return (
        <div class="step__bar" aria-hidden="true" title={clock(task.startedAt ?? '')}>
            <div class="step__span" ref={bar} />
        </div>
    );
}
