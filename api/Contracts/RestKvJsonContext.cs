using System.Text.Json;
using System.Text.Json.Serialization;

namespace RestKv.Api.Contracts;

/// <summary>
/// The one JSON context: how bodies are read and how the document describes them. Strict: names case-sensitive, unknown
/// members refused, numbers are numbers. Duplicates are refused by `JsonCheck`, which leaves those inside stored JSON alone.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.Strict,
    AllowDuplicateProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(TxnRequest))]
[JsonSerializable(typeof(LeaseGrantRequest))]
[JsonSerializable(typeof(LeaseKeepAliveRequest))]
[JsonSerializable(typeof(CompactRequest))]
[JsonSerializable(typeof(RetentionRequest))]
[JsonSerializable(typeof(WatchBody))]
[JsonSerializable(typeof(WatchEventData))]
[JsonSerializable(typeof(Entry))]
[JsonSerializable(typeof(PutResult))]
[JsonSerializable(typeof(DeleteResult))]
[JsonSerializable(typeof(DeleteRangeResult))]
[JsonSerializable(typeof(KeyPage))]
[JsonSerializable(typeof(KeyHistory))]
[JsonSerializable(typeof(TxnResult))]
[JsonSerializable(typeof(LeaseGrant))]
[JsonSerializable(typeof(LeaseDetail))]
[JsonSerializable(typeof(LeasePage))]
[JsonSerializable(typeof(LeaseKeepAliveResult))]
[JsonSerializable(typeof(LeaseRenewal))]
[JsonSerializable(typeof(LeaseRevocation))]
[JsonSerializable(typeof(LeaseHoldEvent))]
[JsonSerializable(typeof(CompactResult))]
[JsonSerializable(typeof(RetentionPolicy))]
[JsonSerializable(typeof(WriteOutcome))]
[JsonSerializable(typeof(QuotaReport))]
[JsonSerializable(typeof(MemberStatus))]
[JsonSerializable(typeof(MemberAddRequest))]
[JsonSerializable(typeof(MemberReplaceRequest))]
[JsonSerializable(typeof(MemberUpdateRequest))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(MemberChangeResult))]
[JsonSerializable(typeof(OperationReport))]
[JsonSerializable(typeof(ClusterReport))]
[JsonSerializable(typeof(LeaderRequest))]
[JsonSerializable(typeof(LeaderResult))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(TicketRequest))]
[JsonSerializable(typeof(UserAddRequest))]
[JsonSerializable(typeof(UserChangeRequest))]
[JsonSerializable(typeof(RoleAddRequest))]
[JsonSerializable(typeof(RoleSetRequest))]
[JsonSerializable(typeof(TokenAddRequest))]
[JsonSerializable(typeof(AuthSwitchRequest))]
[JsonSerializable(typeof(AccessCheckRequest))]
[JsonSerializable(typeof(LoginResult))]
[JsonSerializable(typeof(LogoutResult))]
[JsonSerializable(typeof(TicketResult))]
[JsonSerializable(typeof(UserEntry))]
[JsonSerializable(typeof(UserPage))]
[JsonSerializable(typeof(RoleEntry))]
[JsonSerializable(typeof(RolePage))]
[JsonSerializable(typeof(TokenEntry))]
[JsonSerializable(typeof(TokenPage))]
[JsonSerializable(typeof(AuthState))]
[JsonSerializable(typeof(WhoAmI))]
[JsonSerializable(typeof(AccessVerdict))]
[JsonSerializable(typeof(RootLinks))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ProblemExplanation))]
[JsonSerializable(typeof(ProblemList))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, long>))]
[JsonSerializable(typeof(string))]
internal sealed partial class RestKvJsonContext : JsonSerializerContext;
