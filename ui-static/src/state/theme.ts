// Light, dark, or as the system says. KERN reads `data-kern-theme`; without it, the system decides.
import { remembered } from './store';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const theme = remembered<Theme>('umlauf.theme', themes, 'system');

const showInDocument = () => {
    const chosen = theme.get();
    if (chosen === 'system') {
        document.documentElement.removeAttribute('data-kern-theme');
    } else {
        document.documentElement.setAttribute('data-kern-theme', chosen);
    }
};
showInDocument();
theme.watch(showInDocument);
