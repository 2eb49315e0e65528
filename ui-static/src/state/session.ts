// Who is signed in, what the roles allow (docs/api.md, "Who is asking"), and the way back in when the
// session ran out in the middle of something.
import { fetchSession, setSessionKeeper, signIn, signOut } from '../api/client';
import type { Session, User } from '../api/types';
import { store } from './store';

/** `undefined` while the server has not said yet. */
export const session = store<Session | null | undefined>(undefined);

/** True while the dialog that asks for the password again has to be open. */
export const expired = store(false);

let settleExpired: ((signedIn: boolean) => void) | null = null;
let waitingForSignIn: Promise<boolean> | null = null;

setSessionKeeper({
    csrf: () => session.get()?.csrf ?? '',
    signInAgain() {
        if (!session.get()) {
            return Promise.resolve(false);
        }
        // Several requests may fail at once: all wait for the same dialog.
        waitingForSignIn ??= new Promise<boolean>((resolve) => {
            settleExpired = resolve;
            expired.set(true);
        }).finally(() => {
            waitingForSignIn = null;
            expired.set(false);
        });
        return waitingForSignIn;
    },
    async refresh() {
        const before = session.get();
        const now = await fetchSession().catch(() => null);
        if (!before || !now || now.user.name !== before.user.name || now.csrf === before.csrf) {
            return false;
        }
        session.set(now);
        return true;
    },
});

export async function begin(): Promise<void> {
    session.set(await fetchSession());
}

export async function enter(name: string, password: string): Promise<void> {
    session.set(await signIn(name, password));
}

export async function enterAgain(password: string): Promise<void> {
    await enter(session.get()?.user.name ?? '', password);
    settleExpired?.(true);
}

export function giveUpSession(): void {
    settleExpired?.(false);
    session.set(null);
}

export async function leave(): Promise<void> {
    await signOut();
    session.set(null);
}

const holdsAny = (user: User, roles: string[]) => user.roles.some((role) => roles.includes(role));

export const may = {
    readRuns: (user: User) => holdsAny(user, ['admin', 'operator', 'author', 'auditor']),
    startRuns: (user: User) => holdsAny(user, ['admin', 'operator', 'author']),
    steerRuns: (user: User) => holdsAny(user, ['admin', 'operator']),
    doWork: (user: User, role: string | null) => role === null || holdsAny(user, ['admin', role]),
    releaseForOthers: (user: User) => holdsAny(user, ['admin']),
};
