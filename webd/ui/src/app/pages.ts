// Places of the centre that are chunks of their own, loaded when they are first gone to.
import { lazy, type ComponentType, type LazyExoticComponent } from 'react'
import type { Place } from './route'

/** What a page is given: how to open the list of groups where there is no room for it. */
export interface PageProps {
  openRail: () => void
}

/** Each page finds in the route what it is about. */
export const PAGES: Partial<Record<Place['at'], LazyExoticComponent<ComponentType<PageProps>>>> = {
  waiting: lazy(() => import('../waiting/Waiting').then((m) => ({ default: m.Waiting }))),
  settings: lazy(() => import('../settings/Settings').then((m) => ({ default: m.Settings }))),
  actor: lazy(() => import('../actors/Actor').then((m) => ({ default: m.Actor }))),
  add: lazy(() => import('../actors/Add').then((m) => ({ default: m.Add }))),
}
