/**
 * Which variations are shown together. A gateway may be odd in many ways at once, and asking it once is as good as asking
 * it once for each: where no verdict changes on a whole company, none was changed by any of its members. Three things
 * keep one member from hiding what another would show. What cannot be shown together is said of
 * them (`apart`). Each member must still change bytes that the others leave (the worker hears the company without it), or is shown alone. And
 * the companies are mixed anew on each profile, so that two variations that meet on one are apart on another.
 *
 * Where a verdict changes on a company, each member is shown alone, and what changes then is named: the members are what
 * is said to be legal, not their company.
 */

/** How many companies there are on a profile. A prime, so that mixing parts those who met. */
const COMPANIES = 3

export interface Member {
  id: string
  /** Ids that it cannot be shown with. */
  apart?: string[]
}

/** `mixing`: number of the profile. Every member stands in one company, in the order given. */
export function companies<M extends Member>(members: readonly M[], mixing: number): M[][] {
  const all: M[][] = Array.from({ length: COMPANIES }, () => [])
  for (const [at, member] of members.entries()) {
    const first = at + mixing * Math.floor(at / COMPANIES)
    const order = all.map((_, step) => all[(first + step) % COMPANIES]!)
    const free = order.find((company) => company.every(({ id }) => member.apart?.includes(id) !== true))
    if (free === undefined) all.push([member])
    else free.push(member)
  }
  return all.filter((company) => company.length > 0)
}
