/** What a shop has together: not every printer prints every material in every quality. */

import type { Finish, Material, Order, Printer, Quality, Shop } from "./vocabulary.ts";

/** Lets the service take the first printer of the shop that will do. */
export const AUTO = "auto";

/** The layer height that a form begins with, where the shop has it. */
const USUAL_UM = 200;

type Choice = Pick<Order, "material" | "quality" | "printer">;

export function materialOf(shop: Shop, id: string): Material | undefined {
  return shop.materials.find((each) => each.id === id);
}

/** The qualities of the shop in which some printer has a material. */
export function qualitiesFor(shop: Shop, material: string): readonly Quality[] {
  const printers = materialOf(shop, material)?.printers ?? [];
  return shop.qualities.filter((each) => each.printers.some((id) => printers.includes(id)));
}

/** The quality to begin with. */
export function usualQuality(offered: readonly Quality[]): Quality | undefined {
  return offered.find((each) => each.layer_thickness === USUAL_UM) ?? offered[0];
}

/** The printers that may print an order, in the shop's order of preference. */
export function printersFor(shop: Shop, { material, quality, printer }: Choice): Printer[] {
  const having = materialOf(shop, material)?.printers ?? [];
  const able = shop.qualities.find((each) => each.id === quality)?.printers ?? [];
  return shop.printers.filter(
    ({ id }) => having.includes(id) && able.includes(id) && (printer === AUTO || printer === id),
  );
}

export function finishesFor(shop: Shop, material: string): readonly Finish[] {
  return shop.finishes.filter((each) => each.materials.includes(material));
}
