// The table of results, as that of the other budgets: what was measured, its budget, and whether it is kept.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const FILE = join(import.meta.dirname, '../../../target/bench-page.json')

interface Row { name: string; value: number; unit: string; most: number | null; verdict: '' | 'kept' | 'missed' }

const rows: Row[] = []

/** Adds a number; without a budget it is shown only. */
export function add(name: string, value: number, unit: string, most: number | null = null): void {
  const verdict = most === null ? '' : value <= most ? 'kept' : 'missed'
  rows.push({ name, value, unit, most, verdict })
  console.log(`${name.padEnd(66)} ${value.toFixed(1).padStart(10)} ${unit.padEnd(4)} ${(most === null ? '' : `≤ ${most}`).padStart(8)} ${verdict}`)
}

export function save(): void {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, `${JSON.stringify(rows, null, 2)}\n`)
}

/** A quantile of some numbers. */
export function quantile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.round((sorted.length - 1) * share)] ?? 0
}
