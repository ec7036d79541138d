// Read sheets with @etalab/edigeo-parser, in one process: how many objects, in how many seconds.
import {createRequire} from 'node:module'
import {pathToFileURL} from 'node:url'

const [folder, ...sheets] = process.argv.slice(2)
const parser = createRequire(`${folder}/`).resolve('@etalab/edigeo-parser')
const {parse} = await import(pathToFileURL(parser))
const start = Date.now()
let objects = 0
for (const sheet of sheets) {
  const {layers} = await parse(sheet)
  objects += Object.values(layers).reduce((sum, layer) => sum + layer.length, 0)
}
console.log(JSON.stringify({seconds: (Date.now() - start) / 1000, objects}))
