using RestKv.Api.Etcd.Json;

namespace RestKv.Api.Etcd.Http;

/// <summary>A method and the codec of its requests.</summary>
internal sealed record GatewayRoute(EtcdMethod Method, MessageCodec Codec);
