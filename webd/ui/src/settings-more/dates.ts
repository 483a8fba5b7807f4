// Days as people write them.
import { language } from '../words'

/** `12 November`, with the year where it is another one. */
export function dateOf(at: number): string {
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' as const }
  return new Intl.DateTimeFormat(language(), { day: 'numeric', month: 'long', ...year }).format(at)
}
