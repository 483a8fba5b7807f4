// Text of a message as safe HTML: Markdown without raw HTML and without images from elsewhere, then sanitised.
import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import { meant, type Person } from '../composer/recipients'
import { YOU } from '../wire/server'

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false })
// An image would be asked for from wherever its author wants: it stays a link.
markdown.disable('image')

const MENTION = /(^|[\s(（「])(@[\p{L}\p{N}_][\p{L}\p{N}_.-]*)/gu

/** Who is here while a text is rendered; set for the time of one call. */
let here: Person[] = []

markdown.renderer.rules.text = (tokens, index) => {
  const escaped = markdown.utils.escapeHtml(tokens[index]?.content ?? '')
  return escaped.replace(MENTION, (whole: string, before: string, word: string) => {
    const name = word.slice(1).replace(/[.-]+$/, '')
    const id = meant(name, here)
    if (id === null) return whole
    const rest = word.slice(1 + name.length)
    return `${before}<span class="at${id === YOU ? ' me' : ''}">@${name}</span>${rest}`
  })
}

const TAGS = [
  'a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 's', 'span',
  'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul',
]

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return
  node.setAttribute('target', '_blank')
  node.setAttribute('rel', 'noopener noreferrer')
})

/** Most texts whose HTML is kept. */
const KEPT_MAX = 1_000
const kept = new Map<string, string>()

export function html(text: string, people: Person[]): string {
  const key = `${people.map(({ id }) => id).join(' ')}\n${text}`
  const known = kept.get(key)
  if (known !== undefined) return known
  here = people
  const safe = DOMPurify.sanitize(markdown.render(text), { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ['href', 'class', 'start'] })
  if (kept.size >= KEPT_MAX) kept.clear()
  kept.set(key, safe)
  return safe
}
