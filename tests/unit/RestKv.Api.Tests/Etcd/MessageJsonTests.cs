using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using RestKv.Api.Etcd;
using RestKv.Api.Etcd.Json;
using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Tests.Etcd;

/// <summary>Messages as protobuf's JSON, by the codecs written by hand and by those made from descriptors.</summary>
public sealed class MessageJsonTests
{
    [Fact]
    public void Defaults_are_left_out_and_64_bits_are_strings()
    {
        var response = new RangeResponse
        {
            Header = new ResponseHeader { ClusterId = ulong.MaxValue, MemberId = 1, RaftTerm = 2 },
            Count = 3,
        };
        response.Kvs.Add(new KeyValue { Key = ByteString.CopyFromUtf8("a"), ModRevision = long.MaxValue, Lease = -5 });

        Assert.Equal(
            """{"header":{"cluster_id":"18446744073709551615","member_id":"1","raft_term":"2"},"kvs":[{"key":"YQ==","mod_revision":"9223372036854775807","lease":"-5"}],"count":"3"}""",
            Write(response));
        Assert.Equal("{}", Write(new RangeResponse()));
        Assert.Equal("""{"header":{}}""", Write(new TxnResponse { Header = new ResponseHeader() }));
    }

    [Fact]
    public void Enums_are_names_and_small_numbers_are_numbers()
    {
        var alarms = new AlarmResponse();
        alarms.Alarms.Add(new AlarmMember { MemberID = 7, Alarm = AlarmType.Nospace });

        Assert.Equal("""{"alarms":[{"memberID":"7","alarm":"NOSPACE"}]}""", Write(alarms));
        Assert.Equal("""{"hash":4294967295}""", Write(new HashResponse { Hash = uint.MaxValue }));
        Assert.Equal("""{"type":"DELETE"}""", Write(new Event { Type = Event.Types.EventType.Delete }));
        Assert.Equal("{}", Write(new Event { Type = Event.Types.EventType.Put }));
    }

    [Fact]
    public void A_member_of_a_oneof_is_there_whatever_its_value()
    {
        var compare = Read<Compare>("""{"target":"MOD","mod_revision":0}""");

        Assert.Equal(Compare.TargetUnionOneofCase.ModRevision, compare.TargetUnionCase);
        Assert.Equal("""{"target":"MOD","mod_revision":"0"}""", Write(compare));
    }

    [Theory]
    [InlineData("""{"key":"YQ==","range_end":"Yg==","limit":5,"sort_order":"DESCEND"}""")]
    [InlineData("""{"key":"YQ==","rangeEnd":"Yg==","limit":"5","sortOrder":2}""")]
    [InlineData("""{"limit":"5e0","key":"YQ","range_end":"Yg","sort_order":2.0,"unknown":{"x":[1,null]}}""")]
    [InlineData("""  {"\u006bey":"Y\u0051==","range_end":"Yg==","limit":5,"sort_order":"DESCEND","revision":null} trailing""")]
    public void Many_spellings_of_one_request(string json)
    {
        var request = Read<RangeRequest>(json);

        Assert.Equal(
            new RangeRequest
            {
                Key = ByteString.CopyFromUtf8("a"),
                RangeEnd = ByteString.CopyFromUtf8("b"),
                Limit = 5,
                SortOrder = RangeRequest.Types.SortOrder.Descend,
            },
            request);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n")]
    [InlineData("{}")]
    [InlineData("""{"key":null,"sort_order":"BOGUS"}""")]
    public void Nothing_is_an_empty_request(string json) => Assert.Equal(new RangeRequest(), Read<RangeRequest>(json));

    [Fact]
    public void Numbers_of_enums_that_have_no_name_are_kept() =>
        Assert.Equal(7, (int)Read<RangeRequest>("""{"sort_order":7}""").SortOrder);

    [Theory]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    [InlineData("{bad")]
    [InlineData("""{"key":"YQ==" """)]
    [InlineData("""{"key":"YQ==",}""")]
    [InlineData("""{"key":5}""")]
    [InlineData("""{"key":"***"}""")]
    [InlineData("""{"key":["YQ=="]}""")]
    [InlineData("""{"limit":"x"}""")]
    [InlineData("""{"limit":1.5}""")]
    [InlineData("""{"limit":true}""")]
    [InlineData("""{"limit":{}}""")]
    [InlineData("""{"serializable":"true"}""")]
    [InlineData("""{"serializable":1}""")]
    [InlineData("""{"sort_order":1.5}""")]
    [InlineData("""{"sort_order":[]}""")]
    [InlineData("""{"key":"YQ==","key":"YQ=="}""")]
    [InlineData("""{"range_end":"YQ==","rangeEnd":null}""")]
    [InlineData("""{"key":"\x"}""")]
    public void What_cannot_be_read_is_an_invalid_argument(string json)
    {
        var fault = Assert.Throws<EtcdFault>(() => Read<RangeRequest>(json));

        Assert.Equal(GrpcCode.InvalidArgument, fault.Code);
        Assert.NotEmpty(fault.Text);
    }

    [Theory]
    [InlineData("""{"success":[{"request_put":{"key":"YQ=="},"request_range":{"key":"YQ=="}}]}""")]
    [InlineData("""{"compare":[{"version":"1","lease":"1"}]}""")]
    [InlineData("""{"compare":{"a":1}}""")]
    [InlineData("""{"success":[null]}""")]
    [InlineData("""{"success":[[]]}""")]
    public void A_transaction_that_cannot_be_read(string json) =>
        Assert.Equal(GrpcCode.InvalidArgument, Assert.Throws<EtcdFault>(() => Read<TxnRequest>(json)).Code);

    [Fact]
    public void Null_in_a_oneof_takes_no_place() =>
        Assert.Equal(
            RequestOp.RequestOneofCase.RequestPut,
            Read<RequestOp>("""{"request_range":null,"request_put":{"key":"YQ=="}}""").RequestCase);

    [Fact]
    public void Transactions_are_read_as_deep_as_they_may_be_nested()
    {
        const int Depth = 129;
        var json = new StringBuilder();
        for (var i = 1; i < Depth; i++)
        {
            json.Append("""{"success":[{"request_txn":""");
        }

        json.Append("{}").Insert(json.Length, "}]}", Depth - 1);
        var txn = Read<TxnRequest>(json.ToString());
        for (var i = 1; i < Depth; i++)
        {
            txn = txn.Success[0].RequestTxn;
        }

        Assert.Empty(txn.Success);
        var tooDeep = string.Concat(Enumerable.Repeat("[", 100_000));
        Assert.Throws<EtcdFault>(() => Read<TxnRequest>("{\"x\":" + tooDeep));
    }

    /// <summary>Every message of the API, filled with something in every field, comes back from its JSON.</summary>
    [Fact]
    public void Every_message_comes_back_from_its_json()
    {
        var descriptors = new[]
        {
            KvReflection.Descriptor, MvccReflection.Descriptor, HeaderReflection.Descriptor, LeaseReflection.Descriptor,
            WatchReflection.Descriptor, ClusterReflection.Descriptor, MaintenanceReflection.Descriptor, AuthReflection.Descriptor,
            PermissionReflection.Descriptor, LockReflection.Descriptor, ElectionReflection.Descriptor, HealthReflection.Descriptor,
        };
        foreach (var descriptor in descriptors.SelectMany(file => file.MessageTypes))
        {
            var message = MessageSamples.Filled(descriptor, depth: 3);
            var json = Write(message);

            var read = MessageJson.Read(MessageCodecs.Of(descriptor), Encoding.UTF8.GetBytes(json));

            Assert.Equal(message, read);
            using var document = JsonDocument.Parse(json);
        }
    }

    private static T Read<T>(string json)
        where T : class, IMessage<T>, new() => (T)MessageJson.Read(MessageCodecs.Of<T>(), Encoding.UTF8.GetBytes(json));

    private static string Write(IMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            MessageJson.Write(writer, message);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
