#!/usr/bin/env node
/*
 * The door. Even an old Node must be able to read it, to say what is wrong: no static import or export, no top-level
 * await, no newer operators. import() is reached only where it works.
 */
const NEEDED = 24
const major = Number(process.versions.node.split('.')[0])

if (major >= NEEDED) {
  import('./launch.js').then((door) => door.launch(process.argv.slice(2)))
} else {
  process.exitCode = 2
  console.error(`assay needs Node.js ${NEEDED} or newer. This is ${process.version} (${process.execPath}).`)
  console.error(
    `Get it from https://nodejs.org/en/download, or with a version manager: nvm install ${NEEDED}.`,
  )
  console.error(`A clone of assay brings its own Node.js ${NEEDED}: npm ci, then npx assay.`)
}
