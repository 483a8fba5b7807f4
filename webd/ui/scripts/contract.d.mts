export function contract(schema: unknown): string
export const SCHEMA: string
export const CONTRACT: string
export function frames(schema: unknown): string
export const STREAM: string
export const FRAMES: string
