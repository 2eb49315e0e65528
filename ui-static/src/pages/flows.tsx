import { segment } from '../api/client';
import type { Flow, FlowDetail } from '../api/types';
import { useText } from '../i18n';
import { number } from '../i18n/format';
import { href } from '../router';
import { usePages } from '../state/pages';
import { useResource } from '../state/resource';
import { may } from '../state/session';
import type { User } from '../api/types';
import { announce } from '../ui/announce';
import {
    Alert,
    ButtonLink,
    CopyButton,
    Empty,
    Facts,
    Link,
    Loading,
    PageHeading,
    ProblemAlert,
    ScrollRegion,
    Section,
} from '../ui/parts';
import { runTitle } from '../ui/rows';
import { Source } from '../ui/source';
import { More, Table } from '../ui/table';

export function FlowsPage() {
    const t = useText();
    const flows = usePages<Flow>('/api/v1/flows', (change) => change.of === 'run');
    return (
        <>
            <PageHeading title={t.flows.title} />
            <p class="kern-body lead">{t.flows.lead}</p>
            {flows.error && <ProblemAlert error={flows.error} again={flows.reload} />}
            {!flows.items && !flows.error && <Loading />}
            {flows.items?.length === 0 && <Empty>{t.flows.empty}</Empty>}
            {flows.items && flows.items.length > 0 && (
                <Table
                    caption={t.flows.title}
                    rows={flows.items}
                    id={(flow) => `${flow.namespace}/${flow.name}`}
                    columns={[
                        { head: t.flows.name, cell: (flow) => <FlowName flow={flow} /> },
                        { head: t.flows.version, cell: (flow) => flow.version },
                        { head: t.flows.trigger, cell: (flow) => <Triggers flow={flow} /> },
                        { head: t.flows.total, cell: (flow) => number(flow.runs.total), numeric: true },
                        { head: t.flows.active, cell: (flow) => number(flow.runs.active), numeric: true },
                        { head: t.flows.faulted, cell: (flow) => number(flow.runs.faulted), numeric: true },
                    ]}
                />
            )}
            <More
                next={flows.next}
                busy={flows.busy}
                onMore={async () => announce(t.common.moreLoaded(await flows.more()))}
            />
        </>
    );
}

function FlowName({ flow }: { flow: Flow }) {
    return (
        <>
            <Link to={href(['flows', flow.namespace, flow.name])}>{runTitle(flow)}</Link>
            <span class="table__sub">
                {flow.namespace}/{flow.name}
            </span>
        </>
    );
}

function Triggers({ flow }: { flow: Flow }) {
    const t = useText();
    return flow.triggers.length === 0 ? (
        <span class="muted">{t.flows.noTrigger}</span>
    ) : (
        <span class="mono">{flow.triggers.join(', ')}</span>
    );
}

interface FlowPageProps {
    namespace: string;
    name: string;
    user: User;
}

export function FlowPage({ namespace, name, user }: FlowPageProps) {
    const t = useText();
    const {
        data: flow,
        error,
        reload,
    } = useResource<FlowDetail>(
        `/api/v1/flows/${segment(namespace)}/${segment(name)}`,
        (change) => change.of === 'run' && change.event.flow === `${namespace}/${name}`,
    );
    const warnings = flow?.warnings ?? 0;
    return (
        <>
            <PageHeading
                title={flow ? runTitle(flow) : name}
                above={<Link to={href(['flows'])}>{t.flows.title}</Link>}
            />
            {error && <ProblemAlert error={error} again={reload} />}
            {!flow && !error && <Loading />}
            {flow && (
                <>
                    {flow.summary && <p class="kern-body lead">{flow.summary}</p>}
                    <div class="actions">
                        {may.startRuns(user) && (
                            <ButtonLink kind="primary" to={href(['flows', namespace, name, 'start'])}>
                                {t.flows.start}
                            </ButtonLink>
                        )}
                        {may.readRuns(user) && (
                            <ButtonLink to={href(['runs'], { flow: `${namespace}/${name}` })}>
                                {t.flows.showRuns}
                            </ButtonLink>
                        )}
                    </div>
                    {warnings > 0 && (
                        <Alert tone="warning" title={t.flows.warnings(warnings)}>
                            <p class="kern-body">{t.flows.warningsLead(warnings)}</p>
                        </Alert>
                    )}
                    <Section title={t.flows.facts}>
                        <Facts
                            rows={[
                                [t.flows.identifier, <span class="mono">{`${namespace}/${name}`}</span>],
                                [t.flows.version, flow.version],
                                [t.flows.trigger, <Triggers flow={flow} />],
                                [t.flows.total, number(flow.runs.total)],
                                [t.flows.active, number(flow.runs.active)],
                                [t.flows.faulted, number(flow.runs.faulted)],
                                flow.digest
                                    ? [t.flows.digest, <span class="mono wrap">{flow.digest}</span>]
                                    : null,
                            ]}
                        />
                    </Section>
                    <FlowTasks flow={flow} />
                    <Section
                        title={t.flows.source}
                        aside={<CopyButton value={flow.source} what={t.flows.source} />}
                    >
                        <p class="kern-body kern-body--small kern-body--muted">{t.flows.sourceNote}</p>
                        <Source text={flow.source} name={t.flows.source} numbered />
                    </Section>
                </>
            )}
        </>
    );
}

/** `/do/0/Prüfen/try/1/Senden` is one list inside another: two levels. */
function depthOf(reference: string): number {
    return Math.max(0, reference.split('/').filter((part) => /^\d+$/.test(part)).length - 1);
}

function FlowTasks({ flow }: { flow: FlowDetail }) {
    const t = useText();
    return (
        <Section title={t.flows.tasks}>
            <ScrollRegion name={t.flows.tasks}>
                <Table
                    caption={t.flows.tasks}
                    rows={flow.tasks}
                    id={(task) => task.reference}
                    columns={[
                        {
                            head: t.flows.task,
                            cell: (task) => (
                                <span class={`indent indent--${Math.min(depthOf(task.reference), 6)}`}>
                                    {task.name}
                                </span>
                            ),
                        },
                        { head: t.flows.kind, cell: (task) => t.kinds[task.kind] ?? task.kind },
                        {
                            head: t.flows.operation,
                            cell: (task) =>
                                task.operation ? (
                                    <span class="mono">{task.operation}</span>
                                ) : (
                                    <span class="muted">–</span>
                                ),
                        },
                    ]}
                />
            </ScrollRegion>
        </Section>
    );
}
