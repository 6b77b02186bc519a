// SPDX-License-Identifier: Apache-2.0
#pragma once
// libavfilter: a chain of filters with one way in and one out.

#include "media/av.h"

#include <string>

namespace pocketstyle::media {

class FilterChain {
 public:
  /// Throws RuntimeFailure: this FFmpeg has no such filter, or refuses what is asked of it.
  static FilterChain video(const AVFrame& first, const std::string& filters);
  /// `frame_size`: samples that each frame gets, except for the last; 0: any.
  static FilterChain audio(const AVFrame& first, const std::string& filters, int frame_size);

  /// A frame, or nullptr for the end. Returns an error code, 0 if all is well.
  int push(AVFrame* frame);
  /// As avcodec_receive_frame.
  int pull(AVFrame& frame);
  [[nodiscard]] AVRational time_base() const;

 private:
  struct Free {
    void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
  };
  FilterChain(const char* source, const std::string& arguments, const std::string& filters, const char* sink);
  std::unique_ptr<AVFilterGraph, Free> graph_;
  AVFilterContext* source_ = nullptr;
  AVFilterContext* sink_ = nullptr;
};

/// Whether this FFmpeg has the filter.
bool has_filter(const char* name);

}  // namespace pocketstyle::media
