// Strict rules for the page. What is forbidden outside its room says so here: only `src/wire/` talks to the server.
import hooks from 'eslint-plugin-react-hooks'
import ts from 'typescript-eslint'

const WIRE = 'only src/wire/ talks to the server; call a function of it'

export default ts.config(
  { ignores: ['dist', 'node_modules', 'public'] },
  ...ts.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error', eqeqeq: 'error' },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/wire/**'],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: WIRE }, { name: 'EventSource', message: WIRE }],
    },
  },
)
