// build.mjs DIR - bundles the dashboard into DIR: index.html, app.js, app.css, KERN's own style sheet
// untouched, two weights of its font, the icon, the licences. Same sources, same bytes; no network.
// Returns (for make.mjs) every file that went in.
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const kern = join(here, 'node_modules/@kern-ux/native');

// Only the weights that the pages use; the other 28 files of the family stay at home.
const copies = [
    [join(kern, 'dist/kern.min.css'), 'kern.css'],
    [join(kern, 'dist/fonts/fira-sans/FiraSans-Regular.woff2'), 'fonts/fira-sans-400.woff2'],
    [join(kern, 'dist/fonts/fira-sans/FiraSans-SemiBold.woff2'), 'fonts/fira-sans-600.woff2'],
];

const licences = [
    ['KERN UX (kern.css)', 'EUPL-1.2', 'https://kern-ux.de', null],
    ['Fira Sans (fonts/)', 'SIL Open Font License 1.1', 'https://github.com/mozilla/Fira', null],
    ['Preact (in app.js)', 'MIT', 'https://preactjs.com', join(here, 'node_modules/preact/LICENSE')],
];

export async function buildDashboard(target) {
    await rm(target, { recursive: true, force: true });
    await mkdir(join(target, 'fonts'), { recursive: true });
    const result = await build({
        absWorkingDir: here,
        entryPoints: { app: 'src/main.tsx', 'app-style': 'src/style/app.css' },
        entryNames: '[name]',
        outdir: target,
        bundle: true,
        minify: true,
        format: 'iife',
        target: ['es2022'],
        external: ['*.woff2'],
        legalComments: 'none',
        charset: 'utf8',
        metafile: true,
        logLevel: 'warning',
    });
    await copyFile(join(target, 'app-style.css'), join(target, 'app.css'));
    await rm(join(target, 'app-style.css'));

    const pages = (await readdir(join(here, 'public')))
        .sort()
        .map((name) => [join(here, 'public', name), name]);
    for (const [from, to] of [...pages, ...copies]) {
        await copyFile(from, join(target, to));
    }
    await writeFile(join(target, 'licences.txt'), await licenceText());
    const sources = Object.keys(result.metafile.inputs).map((path) => join(here, path));
    return [...sources, ...[...pages, ...copies].map(([from]) => from)];
}

async function licenceText() {
    const parts = ['What the dashboard is built from, and on which terms.'];
    for (const [name, licence, address, file] of licences) {
        parts.push(`${name}: ${licence}, ${address}`, file ? await readFile(file, 'utf8') : '');
    }
    return parts.join('\n\n').trimEnd() + '\n';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const target = process.argv[2] ?? 'dist';
    const sources = await buildDashboard(join(process.cwd(), target));
    console.log(`${relative('.', target) || '.'}: built from ${sources.length} files`);
}
