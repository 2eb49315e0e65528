// One work item: the case on one side, what is to be done about it on the other.
import { useState } from 'preact/hooks';
import { ApiError, post, segment } from '../../api/client';
import type { User, Work, WorkDetail } from '../../api/types';
import { useText } from '../../i18n';
import { capital, dateTime } from '../../i18n/format';
import { href } from '../../router';
import { useResource } from '../../state/resource';
import { may } from '../../state/session';
import { announce } from '../../ui/announce';
import { CaseData } from '../../ui/case';
import {
    Alert,
    Button,
    ButtonLink,
    Facts,
    Link,
    Loading,
    PageHeading,
    ProblemAlert,
    Section,
    useKeptFocus,
    WorkBadge,
} from '../../ui/parts';
import { DueText, runTitle, workTitle } from '../../ui/rows';
import { isNested, Tree } from '../../ui/tree';
import { CompleteForm } from './complete';

export function WorkPage({ id, user }: { id: string; user: User }) {
    const t = useText();
    const item = useResource<WorkDetail>(
        `/api/v1/work/${segment(id)}`,
        (change) => change.of === 'work' && change.event.id === id,
    );
    return (
        <>
            <PageHeading
                title={item.data ? workTitle(item.data) : t.work.item}
                above={<Link to={href(['work'])}>{t.work.title}</Link>}
            />
            {item.error && <ProblemAlert error={item.error} again={item.reload} />}
            {!item.data && !item.error && <Loading />}
            {item.data && <Item item={item.data} user={user} reload={item.reload} />}
        </>
    );
}

interface ItemProps {
    item: WorkDetail;
    user: User;
    reload: () => void;
}

function Item({ item, user, reload }: ItemProps) {
    const t = useText();
    const side = useKeptFocus<HTMLElement>(`${item.state} ${item.claimedBy ?? ''}`);
    const basis = Array.isArray(item.legalBasis) ? item.legalBasis.join(', ') : item.legalBasis;
    return (
        <>
            {item.description && <p class="kern-body lead wrap">{item.description}</p>}
            <div class="work">
                <div class="work__case">
                    <Section title={t.work.case}>
                        <CaseData value={item.data} />
                        {isNested(item.data) && (
                            <details class="kern-accordion">
                                <summary class="kern-accordion__header">
                                    <span class="kern-title kern-title--small">{t.work.raw}</span>
                                </summary>
                                <div class="kern-accordion__body">
                                    <Tree value={item.data} what={t.work.case} />
                                </div>
                            </details>
                        )}
                    </Section>
                </div>
                <div class="work__side">
                    <section
                        ref={side}
                        tabIndex={-1}
                        class="panel panel--strong kern-level-1"
                        aria-label={t.work.kind[item.kind]}
                    >
                        <WorkBadge state={item.state} />
                        <Facts
                            compact
                            rows={[
                                [t.work.due, <DueText work={item} />],
                                item.role ? [t.work.role, item.role] : null,
                                basis ? [t.work.legalBasis, basis] : null,
                                [t.work.offered, dateTime(item.offeredAt)],
                                [
                                    t.work.run,
                                    may.readRuns(user) ? (
                                        <Link to={href(['runs', item.run])}>{runTitle(item.flow)}</Link>
                                    ) : (
                                        runTitle(item.flow)
                                    ),
                                ],
                                [t.work.step, item.task.name],
                            ]}
                        />
                        <Todo item={item} user={user} reload={reload} />
                    </section>
                </div>
            </div>
        </>
    );
}

function Todo({ item, user, reload }: ItemProps) {
    const t = useText();
    const [hadConflict, setConflict] = useState(false);
    const [error, setError] = useState<ApiError | null>(null);
    const [busy, setBusy] = useState(false);

    async function act(action: 'claim' | 'release', done: string) {
        setBusy(true);
        setError(null);
        setConflict(false);
        try {
            await post<Work>(`/api/v1/work/${segment(item.id)}/${action}`, {});
            announce(done);
        } catch (caught) {
            if (!(caught instanceof ApiError)) {
                throw caught;
            }
            setConflict(caught.status === 409);
            setError(caught.status === 409 ? null : caught);
        } finally {
            setBusy(false);
            reload();
        }
    }

    const isMine = item.claimedBy === user.name;
    const isOver = item.state === 'done' || item.state === 'withdrawn';
    return (
        <>
            {hadConflict && (
                <Alert tone="warning" title={t.problem.conflict} urgent>
                    <p class="kern-body">{isOver ? t.work.gone : t.work.conflict}</p>
                </Alert>
            )}
            {error && <ProblemAlert error={error} />}
            {isOver && <Over item={item} />}
            {item.state === 'open' && !may.doWork(user, item.role) && (
                <Alert tone="info" title={t.work.notYours(item.role ?? '')} />
            )}
            {item.state === 'open' && may.doWork(user, item.role) && (
                <>
                    <p class="kern-body">{t.work.claimLead}</p>
                    <Button kind="primary" busy={busy} block onClick={() => act('claim', t.work.claimed)}>
                        {t.work.claim}
                    </Button>
                </>
            )}
            {item.state === 'taken' && !isMine && (
                <Alert tone="info" title={t.work.takenByOther(item.claimedBy ?? t.common.unknown)} />
            )}
            {item.state === 'taken' && isMine && (
                <CompleteForm
                    item={item}
                    onDone={reload}
                    onConflict={() => {
                        setConflict(true);
                        reload();
                    }}
                />
            )}
            {item.state === 'taken' && (isMine || may.releaseForOthers(user)) && (
                <Button kind="tertiary" busy={busy} block onClick={() => act('release', t.work.released)}>
                    {t.work.release}
                </Button>
            )}
        </>
    );
}

function Over({ item }: { item: WorkDetail }) {
    const t = useText();
    const decision = item.decision;
    if (item.state === 'withdrawn' || !decision) {
        return (
            <Alert
                tone="info"
                title={item.state === 'withdrawn' ? t.work.withdrawnLead : t.work.completedTitle}
            />
        );
    }
    return (
        <Alert tone="success" title={item.kind === 'decide' ? t.work.decisionHeading : t.work.resultHeading}>
            <Facts
                compact
                rows={[
                    decision.outcome ? [t.work.result, <strong>{capital(decision.outcome)}</strong>] : null,
                    [
                        item.kind === 'decide' ? t.work.reason : t.work.remark,
                        decision.reason ?? t.common.none,
                    ],
                    [t.work.by, decision.by],
                    [t.work.at, dateTime(decision.at)],
                ]}
            />
            <div class="actions">
                <ButtonLink to={href(['work'])}>{t.work.toInbox}</ButtonLink>
            </div>
        </Alert>
    );
}
