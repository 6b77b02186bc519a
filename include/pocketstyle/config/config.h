// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pocketstyle/config/architecture.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pocketstyle::config {

/// What a resumed run may do with a field. It must have the value that the run began with wherever the weights would
/// otherwise differ from an unbroken run's. Of a path, the file's content must be the same, wherever it lies.
enum class Resume {
  must_match,
  may_change,
  photos_a_step  ///< train.batch times train.accumulate times the number of processes must match
};

/// What is said of a field where it is declared: help, defaults (the struct's own initialiser), validation, the
/// commented dump, what a resumed run may change and the docs all follow from it. `min`/`max` bound every number of the
/// field, both included.
struct FieldInfo {
  std::string_view help;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string_view> choices = {};
  std::size_t length = 0;  ///< exact number of elements of a list, 0 for any
  Resume resume = Resume::must_match;
};

constexpr double kMany = 1e12;

/// Which network. A preset gives all numbers; each number that is set replaces the preset's.
struct NetConfig {
  std::string preset = "bottleneck";
  std::optional<std::int64_t> kernel;
  std::optional<std::vector<std::int64_t>> widths;
  std::optional<std::string> block;
  std::optional<std::int64_t> blocks;
  std::optional<std::int64_t> mid;

  template <class V>
  void visit(V& v) {
    v.field("preset", preset,
            {.help = "which network; the numbers below replace the preset's",
             .choices = {"original", "bottleneck", "slim", "mini", "micro"}});
    v.field("kernel", kernel, {.help = "head and tail kernel in pixels, odd", .min = 1, .max = 31});
    v.field("widths", widths, {.help = "channels at full, half and quarter size", .min = 1, .max = 4096, .length = 3});
    v.field("block", block, {.help = "residual block of the trunk", .choices = block_kind_names()});
    v.field("blocks", blocks, {.help = "residual blocks", .min = 0, .max = 100});
    v.field("mid", mid, {.help = "channels inside a bottleneck or separable block", .min = 1, .max = 4096});
  }
  /// The preset with the numbers that are set put in. Throws UsageError (even kernel, unknown preset).
  [[nodiscard]] Architecture architecture() const;
};

struct StyleConfig {
  std::filesystem::path image;
  std::vector<std::filesystem::path> more;
  std::vector<double> weights;
  std::int64_t size = 384;
  bool trim = true;
  std::string colors = "own";

  template <class V>
  void visit(V& v) {
    v.field("image", image, {.help = "the style picture (required)"});
    v.field("more", more, {.help = "further style pictures, blended with the first"});
    v.field("weights", weights,
            {.help = "the pictures' shares in the blend, the first one's first; none: equal", .min = 0, .max = kMany});
    v.field(
        "size", size,
        {.help = "long edge in pixels that the style is taken at: larger gives finer strokes", .min = 32, .max = 8192});
    v.field("trim", trim, {.help = "cut off a plain dark or light frame, which networks would learn to draw"});
    v.field("colors", colors,
            {.help = "photos: the style's colours are moved to those of the training photos",
             .choices = {"own", "photos"}});
  }
};

struct DataConfig {
  std::filesystem::path train;
  std::filesystem::path held_out;
  std::int64_t crop = 256;
  std::int64_t small_crop = 0;
  double small_share = 0.5;
  std::int64_t window_max = 360;
  std::int64_t min_side = 64;
  std::int64_t held_out_size = 256;
  std::int64_t held_out_photos = 12;
  std::int64_t workers = 1;
  std::int64_t cache_mb = 512;

  template <class V>
  void visit(V& v) {
    v.field("train", train,
            {.help = "folder of photos to train on, searched recursively (required)", .resume = Resume::may_change});
    v.field("held_out", held_out,
            {.help = "folder of photos never trained on, for losses and previews; empty: none",
             .resume = Resume::may_change});
    v.field("crop", crop, {.help = "side of a training crop in pixels, a multiple of 4", .min = 16, .max = 4096});
    v.field("small_crop", small_crop,
            {.help = "side of the crops that training begins with, a multiple of 4, photos as large as in the others; "
                     "0: crop from the start",
             .min = 0,
             .max = 4096});
    v.field("small_share", small_share, {.help = "share of the steps that take small_crop", .min = 0, .max = 1});
    v.field("window_max", window_max,
            {.help = "a crop is a random window of crop..window_max pixels, of a photo whose short side has window_max",
             .min = 16,
             .max = 8192});
    v.field("min_side", min_side,
            {.help = "photos with a shorter side, in pixels, are skipped", .min = 8, .max = 4096});
    v.field(
        "held_out_size", held_out_size,
        {.help = "short side of validation photos in pixels", .min = 16, .max = 4096, .resume = Resume::may_change});
    v.field("held_out_photos", held_out_photos,
            {.help = "at most so many validation photos", .min = 1, .max = 100000, .resume = Resume::may_change});
    v.field("workers", workers,
            {.help = "threads that decode ahead of the step; 0: in the step",
             .min = 0,
             .max = 64,
             .resume = Resume::may_change});
    v.field("cache_mb", cache_mb,
            {.help = "memory for decoded photos in MB", .min = 0, .max = kMany, .resume = Resume::may_change});
  }
};

struct LossConfig {
  std::filesystem::path vgg;
  double strength = 1.0;
  double content = 1.0;
  std::optional<double> style;
  double tv = 1e-6;
  std::vector<double> content_layers = {0, 1, 0, 0};
  std::vector<double> style_layers = {1, 1, 1, 1};

  template <class V>
  void visit(V& v) {
    v.field("vgg", vgg, {.help = "VGG-16 weights (safetensors); empty: the shipped file"});
    v.field("strength", strength,
            {.help = "how much of the style shows, alike for every style picture: 0.5 subtle, 1 clear, 2 bold",
             .min = 0.01,
             .max = 100});
    v.field("content", content, {.help = "weight of the content loss", .min = 0, .max = kMany});
    v.field("style", style,
            {.help = "weight of the style loss (Gram/(C*H*W), input 0..255); not set: by strength",
             .min = 0,
             .max = kMany});
    v.field("tv", tv, {.help = "weight of the total variation", .min = 0, .max = kMany});
    v.field("content_layers", content_layers,
            {.help = "shares of the content loss at relu1_2, relu2_2, relu3_3, relu4_3",
             .min = 0,
             .max = kMany,
             .length = 4});
    v.field("style_layers", style_layers,
            {.help = "shares of the style loss at the same layers", .min = 0, .max = kMany, .length = 4});
  }
};

/// Learning from a trained network, beside the style and the photos (Hinton et al. 2015).
struct TeacherConfig {
  std::filesystem::path net;
  double output = 50.0;
  double features = 0.0;

  template <class V>
  void visit(V& v) {
    v.field("net", net, {.help = "a trained network, as a run folder or weights file; empty: none"});
    v.field("output", output,
            {.help = "weight of the mean squared difference to its picture (0..255)", .min = 0, .max = kMany});
    v.field("features", features,
            {.help = "weight of the mean squared difference to its picture's VGG features at relu2_2 and relu3_3",
             .min = 0,
             .max = kMany});
  }
};

/// Temporal consistency for video: what changes a photo a little should change its picture no more than that (Rainy and
/// de Berker 2018; Wang et al. 2020).
struct TemporalConfig {
  double weight = 0.0;
  double noise = 8.0;
  std::int64_t shift = 2;

  template <class V>
  void visit(V& v) {
    v.field("weight", weight,
            {.help = "weight of the mean squared difference between the picture of a photo and that of the photo with "
                     "noise and moved, moved back; 0: none",
             .min = 0,
             .max = kMany});
    v.field("noise", noise, {.help = "largest noise, in levels of 255", .min = 0, .max = 255});
    v.field("shift", shift, {.help = "longest way along each axis, in pixels", .min = 0, .max = 64});
  }
};

struct TrainConfig {
  std::int64_t steps = 4000;
  std::int64_t batch = 4;
  std::int64_t accumulate = 1;
  double learning_rate = 1e-3;
  std::int64_t warmup = 100;
  double final_rate = 0.02;
  double clip = 2;
  double output_fan_in = 300;
  double ema = 0.0;
  std::filesystem::path init;
  double collapse_factor = 4.0;
  std::int64_t max_rollbacks = 3;

  template <class V>
  void visit(V& v) {
    v.field("steps", steps, {.help = "optimiser steps", .min = 1, .max = kMany, .resume = Resume::may_change});
    v.field("batch", batch,
            {.help = "photos that are in memory at a time, and a step's if accumulate is 1",
             .min = 1,
             .max = 1024,
             .resume = Resume::photos_a_step});
    v.field("accumulate", accumulate,
            {.help = "batches whose mean gradient makes a step: a larger batch without its memory",
             .min = 1,
             .max = 1024,
             .resume = Resume::photos_a_step});
    v.field("learning_rate", learning_rate, {.help = "Adam's peak learning rate", .min = 1e-12, .max = 10});
    v.field("warmup", warmup, {.help = "steps of linear warm-up", .min = 0, .max = kMany});
    v.field("final_rate", final_rate, {.help = "rate at the end as a share of the peak (cosine)", .min = 0, .max = 1});
    v.field("clip", clip,
            {.help = "largest L2 norm of the gradient, in multiples of its running mean; 0: no clipping",
             .min = 0,
             .max = 1e30});
    v.field(
        "output_fan_in", output_fan_in,
        {.help = "the output layer learns at the rate times this over its inputs a pixel, if that is below 1; 0: at "
                 "the rate",
         .min = 0,
         .max = kMany});
    v.field("ema", ema,
            {.help = "the weights that are kept are a running mean over this share of the past; 0: the last ones",
             .min = 0,
             .max = 0.99999});
    v.field(
        "init", init,
        {.help = "trained weights to begin with; of a larger network, its most important channels are taken. Empty: "
                 "from random weights",
         .resume = Resume::may_change});
    v.field(
        "collapse_factor", collapse_factor,
        {.help = "smoothed loss this many times its best counts as a collapse: roll back", .min = 1.1, .max = kMany});
    v.field("max_rollbacks", max_rollbacks,
            {.help = "rollbacks before giving up", .min = 0, .max = 100, .resume = Resume::may_change});
  }
};

struct RunConfig {
  std::filesystem::path folder = "runs/style";
  std::int64_t seed = 1;
  std::string device = "auto";
  std::string precision = "auto";
  std::int64_t threads = 0;
  std::int64_t log_every = 10;
  std::int64_t evaluate_every = 500;
  std::int64_t preview_every = 500;
  std::int64_t preview_photos = 4;
  std::int64_t checkpoint_every = 250;
  std::int64_t keep = 2;

  template <class V>
  void visit(V& v) {
    v.field("folder", folder, {.help = "where the run is written", .resume = Resume::may_change});
    v.field("seed", seed, {.help = "of weights, order and crops", .min = 0, .max = 9e15});
    v.field("device", device,
            {.help = "where to train", .choices = {"auto", "cpu", "cuda"}, .resume = Resume::may_change});
    v.field("precision", precision,
            {.help = "of convolutions; auto: bf16 where the CPU has it. Weights, norms and sums stay fp32",
             .choices = {"auto", "fp32", "bf16"},
             .resume = Resume::may_change});
    v.field("threads", threads,
            {.help = "CPU threads; 0: one a core", .min = 0, .max = 1024, .resume = Resume::may_change});
    v.field("log_every", log_every,
            {.help = "steps between lines of metrics", .min = 1, .max = kMany, .resume = Resume::may_change});
    v.field("evaluate_every", evaluate_every,
            {.help = "steps between validation losses; 0: start and end only",
             .min = 0,
             .max = kMany,
             .resume = Resume::may_change});
    v.field("preview_every", preview_every,
            {.help = "steps between rows of the contact sheet; 0: end only",
             .min = 0,
             .max = kMany,
             .resume = Resume::may_change});
    v.field("preview_photos", preview_photos,
            {.help = "validation photos on the contact sheet", .min = 1, .max = 16, .resume = Resume::may_change});
    v.field("checkpoint_every", checkpoint_every,
            {.help = "steps between checkpoints", .min = 1, .max = kMany, .resume = Resume::may_change});
    v.field(
        "keep", keep,
        {.help = "newest checkpoints kept, beside the best", .min = 1, .max = 100000, .resume = Resume::may_change});
  }
};

/// The whole of a YAML file.
struct Config {
  NetConfig net;
  StyleConfig style;
  DataConfig data;
  LossConfig loss;
  TeacherConfig teacher;
  TemporalConfig temporal;
  TrainConfig train;
  RunConfig run;

  template <class V>
  void visit(V& v) {
    v.section("net", net, "the network");
    v.section("style", style, "the style picture");
    v.section("data", data, "the photos");
    v.section("loss", loss, "the perceptual loss (Johnson et al. 2016)");
    v.section("teacher", teacher, "a network to learn from (distillation)");
    v.section("temporal", temporal, "temporal consistency from frame to frame");
    v.section("train", train, "the recipe");
    v.section("run", run, "where, on what, how often");
  }
};

}  // namespace pocketstyle::config
