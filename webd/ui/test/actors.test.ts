// Promises about command lines and environments of actors.
import { describe, expect, it } from 'vitest'
import { argsOf, idOf, lackOf, NOBODY_YET, type NewActor } from '../src/actors/adding'
import { asking, environmentOf, isRisky, isVariable, join, linesOf, risks, split, unasking } from '../src/actors/command'

describe('a command line', () => {
  it.each([
    ['claude --resume', ['claude', '--resume']],
    ["  a  'b c'  ", ['a', 'b c']],
    ['a "b \\"c\\" $d"', ['a', 'b "c" $d']],
    ['a\\ b', ['a b']],
    ["a''", ['a']],
    ["''", ['']],
    ['', []],
  ])('%s is split as a shell does it', (line, words) => {
    expect(split(line)).toEqual(words)
  })
  it.each(['a "b', "a 'b"])('%s has an open quote', (line) => {
    expect(split(line)).toBeNull()
  })
  it.each([[['a', 'b c', "it's", '', '$x']], [['claude', '--flag=x']]])('of %j is the same after splitting', (words) => {
    expect(split(join(words))).toEqual(words)
  })
})

describe('risky words', () => {
  it.each([
    ['claude --dangerously-skip-permissions', [false, true]],
    ['droid --auto high', [false, true, true]],
    ['droid --auto low', [false, false, false]],
    ['devin --permission-mode=dangerous', [false, true]],
    ['codex -c a=b --search', [false, false, false, false]],
  ])('of %s are found', (line, wanted) => {
    expect(risks(line.split(' '))).toEqual(wanted)
  })
  it('are left out and put back, and nothing else is', () => {
    const usual = ['claude', '--dangerously-skip-permissions']
    const mine = ['claude', '--model', 'x', '--dangerously-skip-permissions']
    expect(asking(mine)).toEqual(['claude', '--model', 'x'])
    expect(unasking(asking(mine), usual)).toEqual(mine)
    expect(unasking(mine, usual)).toEqual(mine)
    expect(isRisky(asking(usual))).toBe(false)
  })
})

describe('an environment', () => {
  it('is a line a variable', () => {
    expect(environmentOf('A=1\n\nB=x=y ')).toEqual({ env: { A: '1', B: 'x=y ' }, wrong: null })
    expect(linesOf({ B: '2', A: '1' })).toBe('A=1\nB=2')
  })
  it.each(['A', '1A=2', '=x', 'a b=c'])('%s is no line of it', (line) => {
    expect(environmentOf(line).wrong).toBe(line)
  })
  it('has names that programs understand', () => {
    expect(['A', '_a1', 'GITHUB_TOKEN'].every(isVariable)).toBe(true)
    expect(['', '1a', 'a-b'].some(isVariable)).toBe(false)
  })
})

describe('a new actor', () => {
  const usual = ['claude', '--dangerously-skip-permissions']
  const claude: NewActor = { ...NOBODY_YET, kind: { is: 'program', runtime: 'claude' }, name: 'Designer' }
  it('runs the usual command of its program, unless it is to ask', () => {
    expect(argsOf('g', claude, usual, [], true)).toEqual({ group_id: 'g', title: 'Designer', actor_id: 'designer', enabled: true, runtime: 'claude' })
    expect(argsOf('g', { ...claude, asks: true }, usual, [], true).command).toEqual(['claude'])
  })
  it('gives its secrets along, and none with a profile', () => {
    expect(argsOf('g', { ...claude, secrets: { A: '1' } }, usual, [], false)).toMatchObject({ env_private: { A: '1' }, enabled: false })
    expect(argsOf('g', { ...claude, kind: { is: 'profile', profile_id: 'p' }, secrets: { A: '1' } }, usual, [], true)).not.toHaveProperty('env_private')
  })
  it.each([
    [{ kind: null }, 'kind'],
    [{ kind: { is: 'command' as const } }, 'command'],
    [{ kind: { is: 'command' as const }, command: "a 'b" }, 'quote'],
    [{ kind: { is: 'command' as const }, command: 'a' }, null],
    [{ kind: { is: 'headless' as const } }, null],
  ])('%j lacks %s', (change, lack) => {
    expect(lackOf({ ...NOBODY_YET, ...change }, [])).toBe(lack)
  })
  it.each([['Code Reviewer', 'code-reviewer'], ['  ', ''], ['デザイナー', ''], ['Lead', ''], ['a__b', 'a-b']])('called %s has the id "%s"', (name, id) => {
    expect(idOf(name, ['lead'])).toBe(id)
  })
})
