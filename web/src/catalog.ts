// SPDX-License-Identifier: Apache-2.0
// The published models as users see them: styles, each in a few sizes, each in a few precisions.
import type { Model, ModelFile } from './api';

export interface Style {
  slug: string;
  name: string;
  models: Model[]; // largest network first
}

export const PRECISIONS = ['fp32', 'fp16', 'int8'] as const;

/** The model's files that a page can run, highest precision first. */
export function webFiles(model: Model): ModelFile[] {
  const rank = (file: ModelFile): number => PRECISIONS.findIndex((precision) => precision === file.precision);
  return model.files
    .filter((file) => file.kind === 'onnx' && file.io === 'rgba' && file.state !== 'failed' && rank(file) >= 0)
    .sort((a, b) => rank(a) - rank(b));
}

/** The file to download by default: the smallest. */
export function smallest(model: Model): ModelFile | undefined {
  return webFiles(model).reduce<ModelFile | undefined>((best, file) => (best && best.bytes <= file.bytes ? best : file), undefined);
}

/** Styles in the order of their newest model; models without a file for the page are left out. */
export function groupStyles(models: Model[]): Style[] {
  const styles = new Map<string, Model[]>();
  for (const model of models)
    if (webFiles(model).length > 0) styles.set(model.style, [...(styles.get(model.style) ?? []), model]);
  const newest = (group: Model[]): string => group.map((model) => model.created_at).sort().at(-1)!;
  return [...styles]
    .sort(([, a], [, b]) => newest(b).localeCompare(newest(a)))
    .map(([slug, group]) => ({
      slug,
      name: group[0]!.name,
      models: group.sort((a, b) => b.parameters - a.parameters || b.created_at.localeCompare(a.created_at)),
    }));
}

export interface Quality {
  value: 'fast' | 'balanced' | 'best';
  label: string;
  model: Model;
}

/** A style's networks as people choose between them: the smallest, one in the middle, the largest. */
export function qualities({ models }: Style): Quality[] {
  const best: Quality = { value: 'best', label: 'Best', model: models[0]! };
  const balanced: Quality = { value: 'balanced', label: 'Balanced', model: models[models.length >> 1]! };
  const fast: Quality = { value: 'fast', label: 'Fast', model: models.at(-1)! };
  return models.length > 2 ? [fast, balanced, best] : models.length === 2 ? [fast, best] : [best];
}

/** The network of a quality, or the nearest that there is. */
export function modelFor(style: Style, quality: string): Model {
  const found = qualities(style);
  return (found.find(({ value }) => value === quality) ?? found[found.length >> 1]!).model;
}
