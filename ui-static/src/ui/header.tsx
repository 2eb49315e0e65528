import { useEffect, useId, useState } from 'preact/hooks';
import type { User } from '../api/types';
import { language, useText } from '../i18n';
import { href, type Place } from '../router';
import { leave, may } from '../state/session';
import { theme, themes, type Theme } from '../state/theme';
import { useStore } from '../state/store';
import { Button, Icon } from './parts';

export function Header({ user, where }: { user: User | null; where: Place }) {
    const t = useText();
    const navId = useId();
    const [isOpen, setOpen] = useState(false);
    // On a narrow screen the menu closes when it has done its work.
    useEffect(() => setOpen(false), [where]);
    return (
        <header class="header">
            <div class="header__bar">
                <a class="brand" href={href([])}>
                    <Mark />
                    <span>{t.product}</span>
                </a>
                <div class="header__tools">
                    <LanguageSwitch />
                    <ThemeChoice />
                    {user && <SignedIn user={user} />}
                </div>
            </div>
            {user && (
                <div class="header__nav">
                    <button
                        type="button"
                        class="kern-btn kern-btn--tertiary header__menu"
                        aria-expanded={isOpen}
                        aria-controls={navId}
                        onClick={() => setOpen(!isOpen)}
                    >
                        <Icon name={isOpen ? 'close' : 'dehaze'} />
                        <span class="kern-label">{t.nav.menu}</span>
                    </button>
                    <nav id={navId} aria-label={t.nav.label} class={`nav ${isOpen ? 'nav--open' : ''}`}>
                        <ul class="nav__list">
                            {entries(user).map(([path, name]) => (
                                <li key={name}>
                                    <a
                                        class="nav__link"
                                        href={href(path)}
                                        aria-current={isCurrent(path, where) ? 'page' : undefined}
                                    >
                                        {t.nav[name]}
                                    </a>
                                </li>
                            ))}
                        </ul>
                    </nav>
                </div>
            )}
        </header>
    );
}

type Name = 'overview' | 'work' | 'runs' | 'flows' | 'connectors' | 'help';

function entries(user: User): [string[], Name][] {
    const work: [string[], Name] = [['work'], 'work'];
    const rest: [string[], Name][] = [
        [['flows'], 'flows'],
        [['connectors'], 'connectors'],
        [['help'], 'help'],
    ];
    return may.readRuns(user) ? [[[], 'overview'], work, [['runs'], 'runs'], ...rest] : [work, ...rest];
}

function isCurrent(path: string[], where: Place): boolean {
    return path[0] === where.path[0];
}

/** The sign of Umlauf: a folder that goes round. */
function Mark() {
    return (
        <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path d="M8 17.5A8 8 0 0 0 23 20" />
            <path d="M24 14.5A8 8 0 0 0 9 12" />
            <path d="M9 6.5V12h5.5" />
            <path d="M23 25.5V20h-5.5" />
        </svg>
    );
}

function LanguageSwitch() {
    const t = useText();
    const other = useStore(language) === 'de' ? 'en' : 'de';
    return (
        <Button kind="tertiary" small icon="language" onClick={() => language.set(other)}>
            <span lang={other}>{t.settings.toOther}</span>
        </Button>
    );
}

function ThemeChoice() {
    const t = useText();
    const id = useId();
    const chosen = useStore(theme);
    return (
        <span class="theme">
            <label class="kern-sr-only" for={id}>
                {t.settings.theme}
            </label>
            <Icon name="brightness-medium" />
            <select
                id={id}
                class="theme__select"
                value={chosen}
                onInput={(event) => theme.set(event.currentTarget.value as Theme)}
            >
                {themes.map((one) => (
                    <option key={one} value={one}>
                        {t.settings.themes[one]}
                    </option>
                ))}
            </select>
        </span>
    );
}

function SignedIn({ user }: { user: User }) {
    const t = useText();
    return (
        <>
            <span class="user" title={t.sign.roles(user.roles.join(', '))}>
                <Icon name="account-circle" />
                <span class="kern-sr-only">{t.sign.signedInAs('')}</span>
                <span>{user.name}</span>
            </span>
            <Button kind="tertiary" small icon="logout" onClick={leave}>
                {t.sign.out}
            </Button>
        </>
    );
}
