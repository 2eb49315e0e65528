// The frame around every page: header with navigation and settings, the page, the footer.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { User } from './api/types';
import { closeStream, line, openStream } from './api/stream';
import { ApiError } from './api/client';
import { useText } from './i18n';
import { ConnectorsPage } from './pages/connectors';
import { FlowPage, FlowsPage } from './pages/flows';
import { AccessibilityPage, HelpPage } from './pages/help';
import { OverviewPage } from './pages/overview';
import { RunPage } from './pages/run/page';
import { RunsPage } from './pages/runs';
import { SignInAgain, SignInPage } from './pages/sign-in';
import { StartPage } from './pages/start';
import { InboxPage } from './pages/work/inbox';
import { WorkPage } from './pages/work/item';
import { href, place, type Place } from './router';
import { begin, expired, may, session } from './state/session';
import { useStore } from './state/store';
import { Announcer, announce } from './ui/announce';
import { Header } from './ui/header';
import { Alert, Link, Loading, PageHeading, ProblemAlert } from './ui/parts';

export function App() {
    const t = useText();
    const who = useStore(session);
    const where = useStore(place);
    const [error, setError] = useState<ApiError | null>(null);
    const start = () => {
        setError(null);
        begin().catch((caught: unknown) => {
            if (caught instanceof ApiError) {
                setError(caught);
            }
        });
    };
    useEffect(start, []);
    const user = who?.user ?? null;
    useStreamFor(user);
    return (
        <>
            <a
                class="skip"
                href="#main"
                onClick={(event) => {
                    event.preventDefault();
                    document.getElementById('main')?.focus();
                }}
            >
                {t.nav.skip}
            </a>
            <Header user={user} where={where} />
            <LineStatus />
            <main id="main" class="page" tabIndex={-1}>
                {error && <ProblemAlert error={error} again={start} />}
                {who === undefined && !error && <Loading />}
                {who === null && isOpenToAll(where) && <OpenPage where={where} />}
                {who === null && !isOpenToAll(where) && <SignInPage />}
                {user && <Page key={where.path.join('/')} where={where} user={user} />}
            </main>
            <Footer />
            {useStore(expired) && <SignInAgain />}
            <Announcer />
        </>
    );
}

function useStreamFor(user: User | null): void {
    const name = user?.name;
    useEffect(() => {
        if (name !== undefined) {
            openStream();
            return closeStream;
        }
        return undefined;
    }, [name]);
}

/** Help and the statement are for everybody. */
function isOpenToAll({ path }: Place): boolean {
    return path[0] === 'help' || path[0] === 'accessibility';
}

function OpenPage({ where }: { where: Place }) {
    return where.path[0] === 'help' ? <HelpPage /> : <AccessibilityPage />;
}

function Page({ where, user }: { where: Place; user: User }) {
    const { path, search } = where;
    const [noun, first, second, verb] = path;
    const mayRead = may.readRuns(user);
    switch (noun) {
        case undefined:
            return mayRead ? <OverviewPage /> : <InboxPage search={search} user={user} />;
        case 'work':
            return first === undefined ? (
                <InboxPage search={search} user={user} />
            ) : (
                <WorkPage id={first} user={user} />
            );
        case 'runs':
            return first === undefined ? <RunsPage search={search} /> : <RunPage id={first} user={user} />;
        case 'flows':
            if (first === undefined || second === undefined) {
                return <FlowsPage />;
            }
            return verb === 'start' ? (
                <StartPage namespace={first} name={second} />
            ) : (
                <FlowPage namespace={first} name={second} user={user} />
            );
        case 'connectors':
            return <ConnectorsPage />;
        case 'help':
        case 'accessibility':
            return <OpenPage where={where} />;
        default:
            return <Missing />;
    }
}

function Missing() {
    const t = useText();
    return (
        <>
            <PageHeading title={t.problem.pageMissing} />
            <p class="kern-body">{t.problem.pageMissingLead}</p>
        </>
    );
}

/** Says when the line breaks, and once when it is back. Always in the page, so that a reader hears the change. */
function LineStatus() {
    const t = useText();
    const now = useStore(line);
    const before = useRef(now);
    useEffect(() => {
        if (before.current === 'lost' && (now === 'open' || now === 'asked')) {
            announce(t.line.back);
        }
        before.current = now;
    }, [now, t]);
    return (
        <div class="line-status" role="status">
            {now === 'lost' && <Alert tone="warning" title={t.line.lost} />}
        </div>
    );
}

function Footer() {
    const t = useText();
    return (
        <footer class="footer">
            <nav class="footer__links" aria-label={t.nav.footer}>
                <Link to={href(['help'])}>{t.nav.help}</Link>
                <Link to={href(['accessibility'])}>{t.nav.accessibility}</Link>
            </nav>
        </footer>
    );
}
