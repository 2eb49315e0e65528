// embed.mjs DIR FILE.c - writes the files of DIR as the table of engine/http/files.h, for the binary to carry.
// Each with its type, its bytes, its bytes compressed where that helps, and an ETag made from the bytes.
import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const types = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml',
    '.txt': 'text/plain; charset=utf-8',
    '.woff2': 'font/woff2',
};

/** Compression that saves less than this is not worth a second copy: a font is compressed already. */
const WORTH = 0.9;
const BYTES_IN_LINE = 40;

async function filesIn(folder) {
    const entries = await readdir(folder, { withFileTypes: true });
    const found = await Promise.all(
        entries.map((entry) => {
            const path = join(folder, entry.name);
            return entry.isDirectory() ? filesIn(path) : [path];
        }),
    );
    return found.flat().sort();
}

function array(name, bytes) {
    const lines = [];
    for (let at = 0; at < bytes.length; at += BYTES_IN_LINE) {
        lines.push([...bytes.subarray(at, at + BYTES_IN_LINE)].join(',') + ',');
    }
    return `static const unsigned char ${name}[] = {\n${lines.join('\n')}\n};\n`;
}

const view = (name, bytes) => (bytes.length > 0 ? `{(const char *)${name}, ${bytes.length}}` : '{"", 0}');

export async function embedDashboard(folder, target) {
    const arrays = [];
    const rows = [];
    for (const [index, file] of (await filesIn(folder)).entries()) {
        const type = types[extname(file)];
        if (!type) {
            throw new Error(`${file}: no media type is known for '${extname(file)}'`);
        }
        const bytes = await readFile(file);
        const smaller = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
        const gzip = smaller.length < bytes.length * WORTH ? smaller : Buffer.alloc(0);
        arrays.push(
            ...[
                ['bytes', bytes],
                ['gzip', gzip],
            ]
                .filter(([, some]) => some.length > 0)
                .map(([kind, some]) => array(`${kind}_${index}`, some)),
        );
        const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
        const path = '/' + relative(folder, file);
        rows.push(
            `    {"${path}", "${type}",\n     ${view(`bytes_${index}`, bytes)}, ${view(`gzip_${index}`, gzip)}, "${etag}", false},\n`,
        );
    }
    await writeFile(
        target,
        [
            '/* Made by ui-static/embed.mjs from the built dashboard. */\n',
            '#include "ui-static/dashboard.h"\n\n',
            ...arrays,
            '\nstatic const struct file rows[] = {\n',
            ...rows,
            '};\n\n',
            'const struct files dashboard_files = {rows, sizeof(rows) / sizeof(rows[0]), "/index.html"};\n',
        ].join(''),
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [folder, target] = process.argv.slice(2);
    if (!folder || !target) {
        console.error('embed.mjs: which folder, and into which file? node embed.mjs dist dashboard.c');
        process.exit(2);
    }
    await embedDashboard(folder, target);
}
