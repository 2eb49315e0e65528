// Small parts that every page uses, in KERN's classes.
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ApiError, UNREACHABLE } from '../api/client';
import type { RunStatus, TaskStatus, WorkState } from '../api/types';
import { useText } from '../i18n';
import { announce } from './announce';

type Tone = 'info' | 'success' | 'warning' | 'danger';

export function Icon({ name }: { name: string }) {
    return <span class={`kern-icon kern-icon--${name}`} aria-hidden="true" />;
}

let isFirstPage = true;

/** The page's one h1. Takes the focus when the page changes, so that a screen reader begins there. */
export function PageHeading({ title, above }: { title: string; above?: ComponentChildren }) {
    const t = useText();
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        document.title = t.pageTitle(title);
    }, [t, title]);
    useEffect(() => {
        if (isFirstPage) {
            isFirstPage = false;
        } else {
            scrollTo(0, 0);
            heading.current?.focus({ preventScroll: true });
        }
    }, []);
    return (
        <div class="page-heading">
            {above && <p class="kern-preline page-heading__above">{above}</p>}
            <h1 class="kern-heading-large" tabIndex={-1} ref={heading}>
                {title}
            </h1>
        </div>
    );
}

export function Section(props: {
    title: string;
    children: ComponentChildren;
    aside?: ComponentChildren;
    class?: string;
}) {
    const id = useId();
    return (
        <section class={`section ${props.class ?? ''}`} aria-labelledby={id}>
            <div class="section__head">
                <h2 class="kern-heading-medium" id={id}>
                    {props.title}
                </h2>
                {props.aside}
            </div>
            {props.children}
        </section>
    );
}

interface ButtonProps {
    children: ComponentChildren;
    kind?: 'primary' | 'secondary' | 'tertiary';
    type?: 'button' | 'submit';
    icon?: string;
    small?: boolean;
    busy?: boolean;
    block?: boolean;
    /** Said by screen readers instead of the children, which it must contain. */
    label?: string;
    expanded?: boolean;
    controls?: string;
    form?: string;
    onClick?: () => unknown;
}

export function Button(props: ButtonProps) {
    const classes = ['kern-btn', `kern-btn--${props.kind ?? 'secondary'}`];
    if (props.small) {
        classes.push('kern-btn--x-small');
    }
    if (props.block) {
        classes.push('kern-btn--block');
    }
    return (
        <button
            type={props.type ?? 'button'}
            class={classes.join(' ')}
            aria-disabled={props.busy ? 'true' : undefined}
            aria-label={props.label}
            aria-expanded={props.expanded}
            aria-controls={props.controls}
            form={props.form}
            onClick={(event) => {
                if (props.busy) {
                    event.preventDefault();
                } else {
                    props.onClick?.();
                }
            }}
        >
            {props.icon && <Icon name={props.icon} />}
            <span class="kern-label">{props.children}</span>
        </button>
    );
}

export function Link(props: { to: string; children: ComponentChildren; class?: string; label?: string }) {
    return (
        <a
            class={`kern-link kern-link--no-visited-state ${props.class ?? ''}`}
            href={props.to}
            aria-label={props.label}
        >
            {props.children}
        </a>
    );
}

export function ButtonLink(props: {
    to: string;
    children: ComponentChildren;
    kind?: 'primary' | 'secondary';
}) {
    return (
        <a class={`kern-btn kern-btn--${props.kind ?? 'secondary'}`} href={props.to}>
            <span class="kern-label">{props.children}</span>
        </a>
    );
}

export function Alert(props: { tone: Tone; title: string; children?: ComponentChildren; urgent?: boolean }) {
    return (
        <div class={`kern-alert kern-alert--${props.tone}`} role={props.urgent ? 'alert' : undefined}>
            <div class="kern-alert__header">
                <Icon name={props.tone} />
                <span class="kern-title">{props.title}</span>
            </div>
            {props.children !== undefined && <div class="kern-alert__body">{props.children}</div>}
        </div>
    );
}

export function Badge({
    tone,
    icon,
    children,
}: {
    tone: Tone | 'neutral';
    icon?: string;
    children: ComponentChildren;
}) {
    return (
        <span class={`kern-badge kern-badge--small kern-badge--${tone}`}>
            <Icon name={icon ?? tone} />
            <span class="kern-label kern-label--small">{children}</span>
        </span>
    );
}

const runLooks: Record<RunStatus | 'inDoubt', [Tone | 'neutral', string]> = {
    pending: ['neutral', 'draft'],
    running: ['info', 'autorenew'],
    waiting: ['info', 'calendar-today'],
    suspended: ['warning', 'keyboard-double-arrow-right'],
    cancelled: ['neutral', 'close'],
    faulted: ['danger', 'danger'],
    completed: ['success', 'success'],
    inDoubt: ['warning', 'question-mark'],
};

const taskLooks: Record<TaskStatus, [Tone | 'neutral', string]> = {
    running: runLooks.running,
    waiting: runLooks.waiting,
    suspended: runLooks.suspended,
    cancelled: runLooks.cancelled,
    faulted: runLooks.faulted,
    completed: runLooks.completed,
    inDoubt: runLooks.inDoubt,
    skipped: ['neutral', 'chevron-right'],
    retrying: ['warning', 'autorenew'],
};

const workLooks: Record<WorkState, [Tone | 'neutral', string]> = {
    open: ['info', 'mail'],
    taken: ['info', 'edit'],
    done: ['success', 'success'],
    withdrawn: ['neutral', 'close'],
};

export function RunBadge({ status, inDoubt }: { status: RunStatus; inDoubt?: boolean }) {
    const t = useText();
    const shown = inDoubt ? 'inDoubt' : status;
    const [tone, icon] = runLooks[shown];
    return (
        <Badge tone={tone} icon={icon}>
            {t.status.run[shown]}
        </Badge>
    );
}

export function TaskBadge({ status }: { status: TaskStatus }) {
    const [tone, icon] = taskLooks[status];
    return (
        <Badge tone={tone} icon={icon}>
            {useText().status.task[status]}
        </Badge>
    );
}

export function WorkBadge({ state }: { state: WorkState }) {
    const [tone, icon] = workLooks[state];
    return (
        <Badge tone={tone} icon={icon}>
            {useText().status.work[state]}
        </Badge>
    );
}

/** For what changes under somebody's hands: when `key` is another and the button that had the focus is gone, the
 * element takes it, instead of nobody. */
export function useKeptFocus<T extends HTMLElement>(key: string): RefObject<T | null> {
    const element = useRef<T>(null);
    const before = useRef(key);
    useEffect(() => {
        if (before.current !== key && document.activeElement === document.body) {
            element.current?.focus();
        }
        before.current = key;
    }, [key]);
    return element;
}

/** Shown only after a moment: what answers at once should not flicker. */
export function Loading() {
    const t = useText();
    const [isSlow, setSlow] = useState(false);
    useEffect(() => {
        const timer = window.setTimeout(() => setSlow(true), 400);
        return () => window.clearTimeout(timer);
    }, []);
    return (
        <p class="loading kern-body" role="status">
            {isSlow && (
                <>
                    <span class="kern-loader kern-loader--visible" aria-hidden="true" /> {t.common.loading}
                </>
            )}
        </p>
    );
}

export function useProblemText(): (error: ApiError) => string {
    const t = useText().problem;
    return (error) => {
        switch (error.status) {
            case UNREACHABLE:
                return t.unreachable;
            case 403:
                return t.forbidden;
            case 404:
                return t.notFound;
            case 409:
                return t.conflict;
            case 429:
            case 503:
                return t.busy;
            case 507:
                return t.diskFull;
            default:
                return error.status >= 500 ? t.server : t.other;
        }
    };
}

export function ProblemAlert({ error, again }: { error: ApiError; again?: () => void }) {
    const t = useText();
    const describe = useProblemText();
    const said = error.problem.detail ?? error.problem.title;
    return (
        <Alert tone="danger" title={t.problem.title} urgent>
            <p class="kern-body">{describe(error)}</p>
            {said !== '' && (
                <p class="kern-body kern-body--small">
                    {t.problem.details}: <span class="mono">{said}</span>
                </p>
            )}
            {again && (
                <div>
                    <Button small onClick={again}>
                        {t.common.retry}
                    </Button>
                </div>
            )}
        </Alert>
    );
}

export type Fact = [string, ComponentChildren] | false | null | undefined;

/** A description list; rows that are not there are left out. */
export function Facts({ rows, compact }: { rows: Fact[]; compact?: boolean }) {
    return (
        <dl class={`kern-description-list facts ${compact ? 'facts--compact' : ''}`}>
            {rows.map(
                (row) =>
                    row && (
                        <div class="kern-description-list-item" key={row[0]}>
                            <dt class="kern-description-list-item__key">{row[0]}</dt>
                            <dd class="kern-description-list-item__value">{row[1]}</dd>
                        </div>
                    ),
            )}
        </dl>
    );
}

export function Empty({ children }: { children: ComponentChildren }) {
    return <p class="kern-body empty">{children}</p>;
}

export function CopyButton({ value, what }: { value: string; what: string }) {
    const t = useText();
    return (
        <Button
            kind="tertiary"
            small
            icon="content-copy"
            label={`${t.common.copy}: ${what}`}
            onClick={() => {
                void navigator.clipboard.writeText(value).then(() => announce(t.common.copied));
            }}
        >
            {t.common.copy}
        </Button>
    );
}

/** Where something may be too wide. Only while it is, the region can be reached by keyboard and says what it is. */
export function ScrollRegion(props: { name: string; children: ComponentChildren; class?: string }) {
    const t = useText();
    const region = useRef<HTMLDivElement>(null);
    const [scrolls, setScrolls] = useState(false);
    useEffect(() => {
        const element = region.current;
        if (!element) {
            return undefined;
        }
        const measure = () =>
            setScrolls(
                element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight,
            );
        measure();
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        if (element.firstElementChild) {
            observer.observe(element.firstElementChild);
        }
        return () => observer.disconnect();
    }, []);
    return (
        <div
            ref={region}
            class={`scroll-region ${props.class ?? ''}`}
            role={scrolls ? 'region' : undefined}
            aria-label={scrolls ? t.common.scrollable(props.name) : undefined}
            tabIndex={scrolls ? 0 : undefined}
        >
            {props.children}
        </div>
    );
}
