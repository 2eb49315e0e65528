// What people have to do: open to those with the role, taken by me, done.
import { useEffect, useRef } from 'preact/hooks';
import { query } from '../../api/client';
import type { User, Work } from '../../api/types';
import { useText } from '../../i18n';
import { href } from '../../router';
import { usePages } from '../../state/pages';
import { announce } from '../../ui/announce';
import { Alert, Button, Empty, Link, Loading, PageHeading, ProblemAlert, WorkBadge } from '../../ui/parts';
import { DueText, runTitle, Time, workTitle } from '../../ui/rows';
import { More, Table, type Column } from '../../ui/table';

const views = {
    all: { state: 'open,taken', mine: null },
    mine: { state: 'taken', mine: 'true' },
    done: { state: 'done,withdrawn', mine: null },
} as const;
type View = keyof typeof views;

export function InboxPage({ search, user }: { search: URLSearchParams; user: User }) {
    const t = useText();
    const asked = search.get('view');
    const view: View = asked === 'mine' || asked === 'done' ? asked : 'all';
    const work = usePages<Work>(query('/api/v1/work', { ...views[view] }), (change) => change.of === 'work');
    useSpokenCount(view, work.items?.length ?? null);
    const empty = { all: t.work.emptyAll, mine: t.work.emptyMine, done: t.work.emptyDone };
    return (
        <>
            <PageHeading title={t.work.title} />
            <nav class="tabs" aria-label={t.work.views}>
                {(Object.keys(views) as View[]).map((name) => (
                    <a
                        class="tabs__item"
                        key={name}
                        href={href(['work'], { view: name === 'all' ? '' : name })}
                        aria-current={name === view ? 'page' : undefined}
                    >
                        {t.work[name]}
                    </a>
                ))}
            </nav>
            {work.error && <ProblemAlert error={work.error} again={work.reload} />}
            {!work.items && !work.error && <Loading />}
            {work.stale && (
                <Alert tone="info" title={t.runs.newer}>
                    <div>
                        <Button small onClick={work.reload}>
                            {t.runs.refresh}
                        </Button>
                    </div>
                </Alert>
            )}
            {work.items?.length === 0 && <Empty>{empty[view]}</Empty>}
            {work.items && work.items.length > 0 && (
                <>
                    <p class="kern-body kern-body--small kern-body--muted">
                        {t.work.shown(work.items.length, work.next !== null)}
                    </p>
                    <Table
                        caption={t.work.title}
                        rows={work.items}
                        id={(item) => item.id}
                        columns={columns(t, view, user)}
                    />
                </>
            )}
            <More
                next={work.next}
                busy={work.busy}
                onMore={async () => announce(t.common.moreLoaded(await work.more()))}
            />
        </>
    );
}

function columns(t: ReturnType<typeof useText>, view: View, user: User): Column<Work>[] {
    return [
        {
            head: t.work.item,
            cell: (item) => (
                <>
                    <Link to={href(['work', item.id])}>{workTitle(item)}</Link>
                    <span class="table__sub">
                        {runTitle(item.flow)} · {item.task.name}
                    </span>
                </>
            ),
        },
        view === 'done'
            ? { head: t.work.ended, cell: (item) => (item.endedAt ? <Time at={item.endedAt} /> : '–') }
            : { head: t.work.due, cell: (item) => <DueText work={item} /> },
        {
            head: t.work.state,
            cell: (item) => (
                <>
                    <WorkBadge state={item.state} />
                    {item.claimedBy && (
                        <span class="table__sub">
                            {item.claimedBy === user.name ? t.work.takenByYou : item.claimedBy}
                        </span>
                    )}
                </>
            ),
        },
        { head: t.work.role, cell: (item) => item.role ?? '–' },
    ];
}

/** Says that the list grew or shrank while somebody is on it. */
function useSpokenCount(view: View, count: number | null): void {
    const t = useText();
    const before = useRef<{ view: View; count: number } | null>(null);
    useEffect(() => {
        if (count === null) {
            return;
        }
        if (before.current && before.current.view === view && before.current.count !== count) {
            announce(t.work.changed(count));
        }
        before.current = { view, count };
    }, [view, count, t]);
}
