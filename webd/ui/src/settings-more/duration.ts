// Lengths of time as words: "15 minutes". Pure.
import { unitOf } from '../rules/when'
import { language } from '../words'

/** `15 minutes`, in the largest unit that is whole. */
export function duration(seconds: number): string {
  const { n, unit } = unitOf(seconds)
  return new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'long' }).format(n)
}

/** Lengths that are offered, in seconds. */
export const OFFERED = [1, 2, 3, 5, 10, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400]

/** What is offered between two bounds, with the one that is chosen. */
export const offered = (chosen: number, min: number, max: number): number[] =>
  [...new Set([...OFFERED.filter((one) => one >= min && one <= max), ...(chosen > 0 ? [chosen] : [])])].sort((a, b) => a - b)
