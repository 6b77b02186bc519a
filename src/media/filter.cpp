// SPDX-License-Identifier: Apache-2.0
#include "media/filter.h"

#include "pocketstyle/core/error.h"

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
}

#include <array>

namespace pocketstyle::media {

bool has_filter(const char* name) {
  return avfilter_get_by_name(name) != nullptr;
}

FilterChain::FilterChain(const char* source, const std::string& arguments, const std::string& filters, const char* sink)
    : graph_(avfilter_graph_alloc()) {
  if (graph_ == nullptr) throw std::bad_alloc();
  graph_->nb_threads = 1;  // the cores are the network's
  const std::string chain = fmt::format("{}@in={},{},{}@out", source, arguments, filters, sink);
  AVFilterInOut *in = nullptr, *out = nullptr;
  const int code = avfilter_graph_parse2(graph_.get(), chain.c_str(), &in, &out);
  avfilter_inout_free(&in);
  avfilter_inout_free(&out);
  if (code < 0 || avfilter_graph_config(graph_.get(), nullptr) < 0)
    throw RuntimeFailure("this build of FFmpeg cannot run the filters {}", filters);
  source_ = avfilter_graph_get_filter(graph_.get(), fmt::format("{}@in", source).c_str());
  sink_ = avfilter_graph_get_filter(graph_.get(), fmt::format("{}@out", sink).c_str());
  if (source_ == nullptr || sink_ == nullptr) throw RuntimeFailure("FFmpeg lost the ends of the filters {}", filters);
}

FilterChain FilterChain::video(const AVFrame& first, const std::string& filters) {
  // Frames are counted by their callers; any time base will do.
  return {"buffer",
          fmt::format("width={}:height={}:pix_fmt={}:time_base=1/1000", first.width, first.height, first.format),
          filters, "buffersink"};
}

FilterChain FilterChain::audio(const AVFrame& first, const std::string& filters, int frame_size) {
  std::array<char, 128> layout{};
  av_channel_layout_describe(&first.ch_layout, layout.data(), layout.size());
  FilterChain chain("abuffer",
                    fmt::format("time_base=1/{0}:sample_rate={0}:sample_fmt={1}:channel_layout={2}", first.sample_rate,
                                first.format, layout.data()),
                    filters, "abuffersink");
  if (frame_size > 0) av_buffersink_set_frame_size(chain.sink_, static_cast<unsigned>(frame_size));
  return chain;
}

int FilterChain::push(AVFrame* frame) {
  return av_buffersrc_add_frame_flags(source_, frame, AV_BUFFERSRC_FLAG_KEEP_REF);
}
int FilterChain::pull(AVFrame& frame) {
  return av_buffersink_get_frame(sink_, &frame);
}
AVRational FilterChain::time_base() const {
  return av_buffersink_get_time_base(sink_);
}

}  // namespace pocketstyle::media
