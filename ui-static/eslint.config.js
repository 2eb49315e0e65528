import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
    { ignores: ['dist/', 'node_modules/'] },
    js.configs.recommended,
    {
        files: ['src/**/*.{ts,tsx}'],
        extends: [tseslint.configs.strictTypeChecked],
        languageOptions: {
            parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
        },
        rules: {
            // A number in a sentence is what templates are for.
            '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
            // An event handler may start something that ends later; what it can throw is shown by the action itself.
            '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
            // One line each: `() => setOpen(true)`.
            '@typescript-eslint/no-confusing-void-expression': 'off',
            'no-restricted-syntax': [
                'error',
                {
                    selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
                    message: 'data is text, never markup',
                },
                {
                    selector: 'JSXText[value=/[A-Za-zÄÖÜäöüß]{2}/]',
                    message: 'words stand in i18n/, not in the code',
                },
            ],
            'max-lines': ['error', 600],
            'max-depth': ['error', 3],
        },
    },
    {
        files: ['public/*.js'],
        languageOptions: { globals: { document: 'readonly', localStorage: 'readonly' } },
    },
    {
        files: ['*.mjs', '*.js'],
        languageOptions: {
            globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' },
        },
    },
);
