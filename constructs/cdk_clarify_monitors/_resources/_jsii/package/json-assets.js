"use strict";

const { createHash } = require("crypto");
const { writeFileSync } = require("fs");
const { join, relative } = require("path");

const { FileAssetPackaging, Stage } = require("aws-cdk-lib");

/** JSON files of the cloud assembly, which are published with its stacks. */
class JsonAssets {
  /**
   * Add files to the assets of a stack.
   *
   * They are written where staged assets lie, also if staging is off: there is no other file that they were made from.
   *
   * @param {import("aws-cdk-lib").Stack} stack
   * @param {string[]} texts the files' contents
   * @returns {string} JSON: `bucket` and `key` of each, as the stack's synthesizer gives them
   */
  static add(stack, texts) {
    const stage = /** @type {Stage} */ (Stage.of(stack));
    const places = texts.map((text) => {
      const sourceHash = createHash("sha256").update(text).digest("hex");
      const path = join(stage.assetOutdir, `asset.${sourceHash}.json`);
      writeFileSync(path, text);
      const fileName = relative(stage.outdir, path);
      const asset = stack.synthesizer.addFileAsset({ fileName, packaging: FileAssetPackaging.FILE, sourceHash });
      return { bucket: asset.bucketName, key: asset.objectKey };
    });
    return JSON.stringify(places);
  }
}

module.exports = { JsonAssets };
