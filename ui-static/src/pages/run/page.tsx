// One run: what it is, what it needs, what it did, what went in and came out, and its journal.
import { useEffect, useRef } from 'preact/hooks';
import { segment } from '../../api/client';
import type { Run, User } from '../../api/types';
import { useText } from '../../i18n';
import { between, exactTime } from '../../i18n/format';
import { href } from '../../router';
import { useResource } from '../../state/resource';
import { may } from '../../state/session';
import { announce } from '../../ui/announce';
import {
    CopyButton,
    Empty,
    Facts,
    Link,
    Loading,
    PageHeading,
    ProblemAlert,
    RunBadge,
    Section,
    useKeptFocus,
    type Fact,
} from '../../ui/parts';
import { runTitle } from '../../ui/rows';
import { Tree } from '../../ui/tree';
import { RunActions } from './actions';
import { Doubts } from './doubts';
import { RunJournal } from './journal';
import { RunProblem } from './problem';
import { Timeline } from './timeline';

export function RunPage({ id, user }: { id: string; user: User }) {
    const t = useText();
    const run = useResource<Run>(
        `/api/v1/runs/${segment(id)}`,
        (change) =>
            (change.of === 'run' && change.event.id === id) ||
            (change.of === 'work' && change.event.run === id),
    );
    useSpokenStatus(run.data);
    return (
        <>
            <PageHeading
                title={run.data ? runTitle(run.data.flow) : t.runs.run}
                above={<Link to={href(['runs'])}>{t.runs.title}</Link>}
            />
            {run.error && <ProblemAlert error={run.error} again={run.reload} />}
            {!run.data && !run.error && <Loading />}
            {run.data && <Shown run={run.data} user={user} onChange={run.put} reload={run.reload} />}
        </>
    );
}

/** Says a change of status that comes by itself; the first one is on the page anyway. */
function useSpokenStatus(run: Run | null): void {
    const t = useText();
    const before = useRef<string | null>(null);
    useEffect(() => {
        if (!run) {
            return;
        }
        const now = run.inDoubt && run.inDoubt.length > 0 ? 'inDoubt' : run.status;
        if (before.current !== null && before.current !== now) {
            announce(t.run.statusNow(t.status.run[now]));
        }
        before.current = now;
    }, [run, t]);
}

interface ShownProps {
    run: Run;
    user: User;
    onChange: (run: Run) => void;
    reload: () => void;
}

function Shown({ run, user, onChange, reload }: ShownProps) {
    const t = useText();
    const doubts = run.inDoubt ?? [];
    const whole = useKeptFocus<HTMLDivElement>(`${run.status} ${doubts.length}`);
    const canSteer = may.steerRuns(user);
    return (
        <>
            <div class="run-head" ref={whole} tabIndex={-1}>
                <RunBadge status={run.status} inDoubt={doubts.length > 0} />
                {canSteer && <RunActions run={run} onChange={onChange} reload={reload} />}
            </div>
            {doubts.length > 0 && (
                <Doubts run={run} doubts={doubts} canSteer={canSteer} onChange={onChange} reload={reload} />
            )}
            {run.error && <RunProblem run={run} error={run.error} />}
            <Facts compact rows={facts(run, t)} />
            <Section title={t.run.steps}>
                <Timeline run={run} />
            </Section>
            <Section title={t.run.data}>
                <div class="columns">
                    <div class="panel">
                        <h3 class="kern-heading-small">{t.run.input}</h3>
                        <Tree value={run.input ?? null} what={t.run.input} />
                    </div>
                    <div class="panel">
                        <h3 class="kern-heading-small">{t.run.output}</h3>
                        {run.status === 'completed' ? (
                            <Tree value={run.output ?? null} what={t.run.output} />
                        ) : (
                            <Empty>{t.run.noOutput}</Empty>
                        )}
                    </div>
                </div>
            </Section>
            <RunJournal id={run.id} />
        </>
    );
}

function facts(run: Run, t: ReturnType<typeof useText>): Fact[] {
    const { flow } = run;
    return [
        [
            t.run.number,
            <span class="copyable">
                <span class="mono wrap">{run.id}</span>
                <CopyButton value={run.id} what={t.run.number} />
            </span>,
        ],
        [
            t.run.flow,
            <>
                <Link to={href(['flows', flow.namespace, flow.name])}>
                    {flow.namespace}/{flow.name}
                </Link>{' '}
                {flow.version}
            </>,
        ],
        run.trigger ? [t.run.trigger, <span class="mono wrap">{triggerName(run)}</span>] : null,
        run.startedAt
            ? [t.run.started, <time dateTime={run.startedAt}>{exactTime(run.startedAt)}</time>]
            : null,
        run.endedAt ? [t.run.ended, <time dateTime={run.endedAt}>{exactTime(run.endedAt)}</time>] : null,
        [t.run.duration, between(run.startedAt, run.endedAt) ?? '–'],
        run.wakesAt ? [t.run.wakes, <time dateTime={run.wakesAt}>{exactTime(run.wakesAt)}</time>] : null,
    ];
}

function triggerName(run: Run): string {
    return typeof run.trigger === 'string' ? run.trigger : JSON.stringify(run.trigger);
}
