// Text that somebody wrote, as safe HTML.
import { html } from '../chat/markdown'
import { useActors } from '../rail/actors'

export function Markdown({ text, className = '' }: { text: string; className?: string }) {
  const actors = useActors((state) => state.actors)
  return <div className={`md ${className}`} dir="auto" dangerouslySetInnerHTML={{ __html: html(text, actors ?? []) }} />
}
