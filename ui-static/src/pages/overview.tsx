import { useState } from 'preact/hooks';
import { query } from '../api/client';
import { isInDoubt, type List, type Overview, type RunRow, type Work } from '../api/types';
import { useText } from '../i18n';
import { dateTime, number } from '../i18n/format';
import { href } from '../router';
import { useResource } from '../state/resource';
import { hoursChoices, Throughput, type Hours } from '../ui/chart';
import { DueText, runTitle, workTitle } from '../ui/rows';
import { Alert, Empty, Icon, Link, Loading, PageHeading, ProblemAlert, RunBadge, Section } from '../ui/parts';

const SHOWN = 5;

/** Those that need somebody first. */
const tiles = [
    ['inDoubt', 'warning'],
    ['faulted', 'danger'],
    ['running', 'neutral'],
    ['waiting', 'neutral'],
    ['suspended', 'neutral'],
    ['completed', 'neutral'],
] as const;

export function OverviewPage() {
    const t = useText();
    const [hours, setHours] = useState<Hours>(24);
    const overview = useResource<Overview>(query('/api/v1/overview', { hours }), () => true);
    // The numbers of the other period stay until those of the new one are there.
    const [last, setLast] = useState<Overview | null>(null);
    if (overview.data && overview.data !== last) {
        setLast(overview.data);
    }
    const shown = overview.data ?? last;
    return (
        <>
            <PageHeading title={t.overview.title} />
            {overview.error && <ProblemAlert error={overview.error} again={overview.reload} />}
            {!shown && !overview.error && <Loading />}
            {shown && (
                <>
                    {shown.journal.full && <Alert tone="danger" title={t.overview.journalFull} urgent />}
                    <Section title={t.overview.runsHeading}>
                        <ul class="tiles">
                            {tiles.map(([key, tone]) => (
                                <Tile
                                    key={key}
                                    name={t.overview.tile[key]}
                                    count={shown.runs[key]}
                                    tone={tone}
                                    of={key}
                                />
                            ))}
                        </ul>
                    </Section>
                    <div class="columns">
                        <Attention />
                        <OpenWork work={shown.work} />
                    </div>
                    <Section
                        title={t.chart.heading}
                        aside={<RangeChoice hours={hours} onChange={setHours} />}
                    >
                        <Throughput steps={shown.throughput} hours={hours} />
                    </Section>
                    <p class="kern-body kern-body--small kern-body--muted">
                        {t.overview.journal(number(shown.journal.records))} ·{' '}
                        {t.overview.version(shown.version)}
                    </p>
                </>
            )}
        </>
    );
}

function Tile(props: { name: string; count: number; tone: 'warning' | 'danger' | 'neutral'; of: string }) {
    const { name, count, tone, of } = props;
    const search = of === 'inDoubt' ? { inDoubt: 'true' } : { status: of };
    const loud = count > 0 && tone !== 'neutral';
    return (
        <li class={`tile ${loud ? `tile--${tone}` : ''}`}>
            <a class="tile__link" href={href(['runs'], search)}>
                <span class="tile__name">
                    {loud && <Icon name={tone} />}
                    {name}
                </span>
                <span class="tile__count">{number(count)}</span>
            </a>
        </li>
    );
}

function Attention() {
    const t = useText();
    const faulted = useResource<List<RunRow>>(
        query('/api/v1/runs', { status: 'faulted', limit: SHOWN }),
        (change) => change.of === 'run',
    );
    const inDoubt = useResource<List<RunRow>>(
        query('/api/v1/runs', { inDoubt: true, limit: SHOWN }),
        (change) => change.of === 'run',
    );
    const known = new Set<string>();
    const rows = [...(inDoubt.data?.items ?? []), ...(faulted.data?.items ?? [])].filter(
        (run) => !known.has(run.id) && known.add(run.id),
    );
    return (
        <Section title={t.overview.attention} class="panel">
            {faulted.data && inDoubt.data && rows.length === 0 && <Empty>{t.overview.calm}</Empty>}
            <ul class="rows">
                {rows.slice(0, SHOWN).map((run) => (
                    <li class="rows__row" key={run.id}>
                        <div>
                            <Link to={href(['runs', run.id])}>{runTitle(run.flow)}</Link>
                            <p class="kern-body kern-body--small kern-body--muted">
                                {run.startedAt && dateTime(run.startedAt)}
                                {run.error?.title && ` · ${run.error.title}`}
                            </p>
                        </div>
                        <RunBadge status={run.status} inDoubt={isInDoubt(run)} />
                    </li>
                ))}
            </ul>
        </Section>
    );
}

function OpenWork({ work }: { work: Overview['work'] }) {
    const t = useText();
    const next = useResource<List<Work>>(
        query('/api/v1/work', { state: 'open,taken', limit: SHOWN }),
        (change) => change.of === 'work',
    );
    return (
        <Section
            title={t.overview.workHeading}
            class="panel"
            aside={<Link to={href(['work'])}>{t.overview.allWork}</Link>}
        >
            <dl class="numbers">
                {(
                    [
                        [t.overview.open, work.open],
                        [t.overview.taken, work.taken],
                        [t.overview.overdue, work.overdue],
                    ] as const
                ).map(([name, count]) => (
                    <div class="numbers__item" key={name}>
                        <dt>{name}</dt>
                        <dd>{number(count)}</dd>
                    </div>
                ))}
            </dl>
            {next.data?.items.length === 0 && <Empty>{t.overview.noWork}</Empty>}
            {next.data && next.data.items.length > 0 && (
                <>
                    <h3 class="kern-title kern-title--small">{t.overview.nextDue}</h3>
                    <ul class="rows">
                        {next.data.items.map((item) => (
                            <li class="rows__row" key={item.id}>
                                <div>
                                    <Link to={href(['work', item.id])}>{workTitle(item)}</Link>
                                    <p class="kern-body kern-body--small kern-body--muted">{item.role}</p>
                                </div>
                                <DueText work={item} />
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </Section>
    );
}

function RangeChoice({ hours, onChange }: { hours: Hours; onChange: (hours: Hours) => void }) {
    const t = useText();
    return (
        <div class="segments" role="group" aria-label={t.chart.range}>
            {hoursChoices.map((choice) => (
                <button
                    type="button"
                    class="segments__item"
                    key={choice}
                    aria-pressed={hours === choice}
                    onClick={() => onChange(choice)}
                >
                    {t.chart.hours[choice]}
                </button>
            ))}
        </div>
    );
}
