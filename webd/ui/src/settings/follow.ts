// A link that stays a link for the middle button and the like.
import type { MouseEvent } from 'react'
import { go, type Place } from '../app/route'

export function follow(event: MouseEvent, place: Place): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  go(place)
}
