import { useEffect, useState } from 'preact/hooks';
import { query } from '../api/client';
import { isInDoubt, runStatuses, type Flow, type List, type RunRow } from '../api/types';
import { useText } from '../i18n';
import { between } from '../i18n/format';
import { href, refine } from '../router';
import { usePages } from '../state/pages';
import { useResource } from '../state/resource';
import { announce } from '../ui/announce';
import { Checkbox, Select, TextField } from '../ui/fields';
import { Alert, Button, Empty, Link, Loading, PageHeading, ProblemAlert, RunBadge } from '../ui/parts';
import { runTitle, shortId, Time } from '../ui/rows';
import { More, Table } from '../ui/table';

interface Filters {
    q: string;
    status: string[];
    flow: string;
    inDoubt: boolean;
    since: string;
    until: string;
}

const none: Filters = { q: '', status: [], flow: '', inDoubt: false, since: '', until: '' };

function fromAddress(search: URLSearchParams): Filters {
    return {
        q: search.get('q') ?? '',
        status: (search.get('status') ?? '')
            .split(',')
            .filter((one) => runStatuses.some((known) => known === one)),
        flow: search.get('flow') ?? '',
        inDoubt: search.get('inDoubt') === 'true',
        since: search.get('since') ?? '',
        until: search.get('until') ?? '',
    };
}

function toAddress(filters: Filters) {
    return {
        q: filters.q.trim(),
        status: filters.status.join(','),
        flow: filters.flow,
        inDoubt: filters.inDoubt ? 'true' : '',
        since: filters.since,
        until: filters.until,
    };
}

/** Days as typed are those of the reader's place; the server takes moments. */
function dayStart(day: string, plusDays: number): string {
    const at = new Date(`${day}T00:00:00`);
    if (Number.isNaN(at.getTime())) {
        return '';
    }
    at.setDate(at.getDate() + plusDays);
    return at.toISOString();
}

function request(filters: Filters): string {
    return query('/api/v1/runs', {
        ...toAddress(filters),
        since: filters.since && dayStart(filters.since, 0),
        until: filters.until && dayStart(filters.until, 1),
    });
}

export function RunsPage({ search }: { search: URLSearchParams }) {
    const t = useText();
    const filters = fromAddress(search);
    const runs = usePages<RunRow>(request(filters), (change) => change.of === 'run');
    const isFiltered = Object.values(toAddress(filters)).some((value) => value !== '');
    return (
        <>
            <PageHeading title={t.runs.title} />
            <FilterForm filters={filters} />
            {runs.error && <ProblemAlert error={runs.error} again={runs.reload} />}
            {!runs.items && !runs.error && <Loading />}
            {runs.stale && (
                <Alert tone="info" title={t.runs.newer}>
                    <div>
                        <Button small onClick={runs.reload}>
                            {t.runs.refresh}
                        </Button>
                    </div>
                </Alert>
            )}
            {runs.items && (
                <p class="kern-body kern-body--small kern-body--muted" role="status">
                    {runs.items.length > 0 && t.runs.shown(runs.items.length, runs.next !== null)}
                </p>
            )}
            {runs.items?.length === 0 && <Empty>{isFiltered ? t.runs.empty : t.runs.none}</Empty>}
            {runs.items && runs.items.length > 0 && (
                <Table
                    caption={t.runs.title}
                    rows={runs.items}
                    id={(run) => run.id}
                    columns={[
                        { head: t.runs.run, cell: (run) => <RunName run={run} /> },
                        {
                            head: t.status.label,
                            cell: (run) => <RunBadge status={run.status} inDoubt={isInDoubt(run)} />,
                        },
                        { head: t.runs.started, cell: (run) => run.startedAt && <Time at={run.startedAt} /> },
                        {
                            head: t.runs.ended,
                            cell: (run) => (run.endedAt ? <Time at={run.endedAt} /> : '–'),
                        },
                        {
                            head: t.runs.duration,
                            cell: (run) => between(run.startedAt, run.endedAt) ?? '–',
                            numeric: true,
                        },
                    ]}
                />
            )}
            <More
                next={runs.next}
                busy={runs.busy}
                onMore={async () => announce(t.common.moreLoaded(await runs.more()))}
            />
        </>
    );
}

function RunName({ run }: { run: RunRow }) {
    return (
        <>
            <Link to={href(['runs', run.id])} label={`${runTitle(run.flow)} …${shortId(run.id)}`}>
                {runTitle(run.flow)}
            </Link>
            <span class="table__sub mono" title={run.id}>
                …{shortId(run.id)}
            </span>
        </>
    );
}

/** Nothing is fetched while somebody types: the form is sent. */
function FilterForm({ filters }: { filters: Filters }) {
    const t = useText();
    const [draft, setDraft] = useState(filters);
    const flows = useResource<List<Flow>>('/api/v1/flows?limit=200');
    const address = JSON.stringify(filters);
    useEffect(() => setDraft(filters), [address]);
    const set = (part: Partial<Filters>) => setDraft({ ...draft, ...part });
    const folded = toAddress({ ...filters, q: '' });
    const count = Object.values(folded).filter((value) => value !== '').length;
    const names: [string, string][] = (flows.data?.items ?? []).map((flow) => [
        `${flow.namespace}/${flow.name}`,
        runTitle(flow),
    ]);
    if (draft.flow !== '' && !names.some(([value]) => value === draft.flow)) {
        names.push([draft.flow, draft.flow]);
    }
    return (
        <form
            class="filter"
            role="search"
            onSubmit={(event) => {
                event.preventDefault();
                refine(['runs'], toAddress(draft));
            }}
        >
            <div class="filter__search">
                <TextField
                    label={t.runs.search}
                    hint={t.runs.searchHint}
                    type="search"
                    value={draft.q}
                    onInput={(q) => set({ q })}
                />
                <Button kind="primary" type="submit" icon="search">
                    {t.runs.apply}
                </Button>
            </div>
            <details class="kern-accordion" open={count > 0}>
                <summary class="kern-accordion__header">
                    <span class="kern-title kern-title--small">
                        {count > 0 ? t.runs.activeFilters(count) : t.runs.filters}
                    </span>
                </summary>
                <div class="kern-accordion__body filter__more">
                    <fieldset class="kern-fieldset">
                        <legend class="kern-label">{t.runs.filterStatus}</legend>
                        <div class="kern-fieldset__body kern-fieldset__body--horizontal">
                            {runStatuses.map((status) => (
                                <Checkbox
                                    key={status}
                                    label={t.status.run[status]}
                                    checked={draft.status.includes(status)}
                                    onInput={(checked) =>
                                        set({
                                            status: checked
                                                ? [...draft.status, status]
                                                : draft.status.filter((one) => one !== status),
                                        })
                                    }
                                />
                            ))}
                            <Checkbox
                                label={t.runs.onlyInDoubt}
                                checked={draft.inDoubt}
                                onInput={(inDoubt) => set({ inDoubt })}
                            />
                        </div>
                    </fieldset>
                    <div class="filter__row">
                        <Select
                            label={t.runs.filterFlow}
                            value={draft.flow}
                            choices={[['', t.runs.allFlows], ...names]}
                            onInput={(flow) => set({ flow })}
                        />
                        <TextField
                            label={t.runs.since}
                            type="date"
                            value={draft.since}
                            onInput={(since) => set({ since })}
                        />
                        <TextField
                            label={t.runs.until}
                            type="date"
                            value={draft.until}
                            onInput={(until) => set({ until })}
                        />
                    </div>
                    <div class="actions">
                        <Button type="submit">{t.runs.apply}</Button>
                        <Button kind="tertiary" onClick={() => refine(['runs'], toAddress(none))}>
                            {t.runs.clear}
                        </Button>
                    </div>
                </div>
            </details>
        </form>
    );
}
