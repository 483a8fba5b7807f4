// The group whose settings are shown, asked for and followed while they are.
import { useEffect } from 'react'
import { openGroup, useGroup, type Opened } from './store'

export function useOpened(group_id: string): Opened {
  useEffect(() => openGroup(group_id), [group_id])
  return useGroup()
}
